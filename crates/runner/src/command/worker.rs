//! `runner worker`: trains the runs that are ordered on standard input, as many at once as it has slots.

use crate::cli::WorkerArgs;
use crate::error::{Error, MACHINE, STOPPED};
use crate::work::{Controls, PANICKED, Place, Work, check_devices};
use dispatch::protocol::{Answer, Order, Update};
use dispatch::signals;
use record::SweepFolder;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use training::Stop;

pub(crate) fn run(arguments: &WorkerArgs) -> Result<ExitCode, Error> {
    // It was started by a path with another name at its end.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"runner");
    // One that is stopped cannot see its orders end. The sweep's main thread starts workers, and ends last.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    signals::leave_to_sweep().map_err(Error::io(Path::new("signal handler")))?;
    let controls = Arc::new(Controls::default());
    // First of all, so that the worker ends with its sweep whatever it is doing.
    let orders = Mutex::new(listen(controls.clone()).map_err(Error::threads)?);
    let work = Work::new(SweepFolder::new(&arguments.dir), None, arguments.mix, controls, Arc::new(answer))?;
    let place = Place { device: arguments.device, threads: arguments.threads };
    check_devices(&[place.device].into());
    // Each error ends the process: a slot must not wait for the orders of the others to end.
    let fail = |error: Error| -> ! {
        eprint!("{}", error.report());
        std::process::exit(i32::from(MACHINE));
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.slots.get() {
            let slot = std::thread::Builder::new().spawn_scoped(scope, || {
                // A panic in one run leaves the device in an unknown state: the whole worker ends, and its sweep starts
                // a new one, which resumes all of its runs from their checkpoints.
                match catch_unwind(AssertUnwindSafe(|| serve(&work, place, &orders))) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => fail(error),
                    Err(_) => std::process::exit(PANICKED),
                }
            });
            let _ = slot.map_err(|error| fail(Error::threads(error)));
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// The work of one slot: one run after another on its own threads. The same thread leads all of them, so that a run
/// uses the memory that the one before has freed: threads have separate heaps.
///
/// # Errors
/// Its threads cannot be started.
fn serve(work: &Work, place: Place, orders: &Mutex<Receiver<(String, Stop)>>) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(place.threads).use_current_thread().build();
    let pool = pool.map_err(Error::threads)?;
    let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((run, stop)) = next() {
        let outcome = pool.install(|| work.train(&run, place, None, stop));
        work.controls.leave(&run);
        answer(&Answer { run, update: Update::Ended(outcome) });
    }
    Ok(())
}

/// Receives the runs that are ordered. The end of the orders means that the sweep is gone, and with it the right to write
/// into its folder: the process ends at that moment, whatever it is doing.
///
/// # Errors
/// No thread can be started.
fn listen(controls: Arc<Controls>) -> io::Result<Receiver<(String, Stop)>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new().spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(Order::Train(run)) => {
                    let stop = controls.enter(&run);
                    let _ = sender.send((run, stop));
                }
                Ok(order) => controls.obey(&order),
                Err(error) => eprintln!("not an order: {error}: {line}"),
            }
        }
        std::process::exit(i32::from(STOPPED));
    })?;
    Ok(receiver)
}

/// Writes an answer to standard output.
fn answer(answer: &Answer) {
    let mut line = serde_json::to_vec(answer).expect("answers are plain data");
    line.push(b'\n');
    // A sweep that is gone closes the orders as well, which ends this process.
    let _ = io::stdout().lock().write_all(&line);
}
