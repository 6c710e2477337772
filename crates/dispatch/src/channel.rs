//! Orders and answers through files of a shared folder, for workers on other machines that outlive their sweep.
//!
//! A task has a folder. `orders` is appended to by the sweep alone; a worker that has nothing left to do closes it by
//! renaming it, so no order can be given to one that leaves. A queue may start a task more than once, and two such starts
//! may live at once: each writes its answers into a separate file, created exclusively. Files are opened anew for each look,
//! because network file systems compare what they have cached with the server when a file is opened.

use crate::protocol::{Answer, Order};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The line after the last order.
const END: &[u8] = b"end";

/// Bytes read at once; lines are much shorter.
const MAX_READ: u64 = 1 << 26;

/// The folder of a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    folder: PathBuf,
}

impl Channel {
    /// Names the folder; touches nothing.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Makes the folder, with the first orders in it.
    ///
    /// # Errors
    /// It cannot be made, or is there.
    pub fn create(folder: &Path, orders: &[Order]) -> io::Result<Self> {
        fs::create_dir(folder)?;
        let channel = Self::new(folder);
        let mut file = File::create_new(channel.orders())?;
        file.write_all(&orders.iter().flat_map(line).collect::<Vec<u8>>())?;
        Ok(channel)
    }

    /// What distinguishes the task from others of its sweep, wherever that is mounted: the last two parts of its path.
    pub fn name(&self) -> String {
        let parts: Vec<_> =
            self.folder.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.into_iter().rev().collect::<Vec<_>>().join("/")
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the task writes for people.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log.txt")
    }

    /// Gives an order; `false` if the worker has left.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn order(&self, order: &Order) -> io::Result<bool> {
        self.append(&line(order))
    }

    /// Says that no order follows.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(&self) -> io::Result<bool> {
        self.append(&[END, b"\n"].concat())
    }

    /// Whether the worker has done all that it was ordered to, and left.
    pub fn is_closed(&self) -> bool {
        self.closed().exists()
    }

    /// The runs that are ordered and have no end among the answers, in the order of their orders.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn unanswered(&self) -> io::Result<Vec<String>> {
        let mut orders = Tail::default();
        let lines = match orders.read(&self.orders()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => orders.read(&self.closed())?,
            lines => lines?,
        };
        let mut ends: HashMap<String, usize> = HashMap::new();
        for Answer { run, update } in Answers::of(self).read()? {
            if update.is_last() {
                *ends.entry(run).or_default() += 1;
            }
        }
        let trains = lines.iter().filter_map(|line| match serde_json::from_slice(line) {
            Ok(Order::Train(run)) => Some(run),
            _ => None,
        });
        Ok(trains
            .filter(|run| match ends.get_mut(run) {
                Some(ends) if *ends > 0 => {
                    *ends -= 1;
                    false
                }
                _ => true,
            })
            .collect())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<bool> {
        match OpenOptions::new().append(true).open(self.orders()) {
            Ok(mut file) => file.write_all(bytes).and_then(|()| file.sync_data()).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn orders(&self) -> PathBuf {
        self.folder.join("orders")
    }

    fn closed(&self) -> PathBuf {
        self.folder.join("orders.closed")
    }

    fn answers(&self, start: u32) -> PathBuf {
        self.folder.join(format!("answers.{start}"))
    }
}

/// A worker's side of a channel.
#[derive(Debug)]
pub struct Post {
    channel: Channel,
    orders: Tail,
    answers: File,
    /// Orders to train that an earlier start has answered, by run.
    answered: HashMap<String, usize>,
    ended: bool,
}

/// What a worker finds among its orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Ordered {
    /// New orders, perhaps none.
    More(Vec<Order>),
    /// These are the last.
    Last(Vec<Order>),
}

impl Post {
    /// Takes up a task: its orders from the first, without those that an earlier start has answered.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn take_up(channel: Channel) -> io::Result<Self> {
        let mut answered: HashMap<String, usize> = HashMap::new();
        for Answer { run, update } in Answers::of(&channel).read()? {
            if update.is_last() {
                *answered.entry(run).or_default() += 1;
            }
        }
        let mut start = 1;
        let answers = loop {
            match OpenOptions::new().create_new(true).append(true).open(channel.answers(start)) {
                Ok(file) => break file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => start += 1,
                Err(error) => return Err(error),
            }
        };
        Ok(Self { channel, orders: Tail::default(), answers, answered, ended: false })
    }

    /// Orders that have come since the last look.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn look(&mut self) -> io::Result<Ordered> {
        let lines = match self.orders.read(&self.channel.orders()) {
            // An earlier start has closed them, or this one.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.ended = true;
                self.orders.read(&self.channel.closed())?
            }
            lines => lines?,
        };
        let mut orders = Vec::new();
        for line in lines {
            match serde_json::from_slice(&line) {
                Ok(Order::Train(run)) if self.was_answered(&run) => {}
                Ok(order) => orders.push(order),
                Err(_) => self.ended |= line == END,
            }
        }
        Ok(if self.ended { Ordered::Last(orders) } else { Ordered::More(orders) })
    }

    /// Closes the orders; those that came at the last moment are found by another look.
    ///
    /// # Errors
    /// They cannot be renamed.
    pub fn close(&self) -> io::Result<()> {
        match fs::rename(self.channel.orders(), self.channel.closed()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            renamed => renamed,
        }
    }

    /// A second handle that answers.
    ///
    /// # Errors
    /// The system has no more handles.
    pub fn answers(&self) -> io::Result<File> {
        self.answers.try_clone()
    }

    fn was_answered(&mut self, run: &str) -> bool {
        match self.answered.get_mut(run) {
            Some(ends) if *ends > 0 => {
                *ends -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Appends an answer; ends are made to survive, and to be seen by others at once.
///
/// # Errors
/// It cannot be written.
pub fn answer(file: &mut File, answer: &Answer) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(answer)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    if answer.update.is_last() { file.sync_data() } else { Ok(()) }
}

/// The answers of all starts of a task.
#[derive(Debug)]
pub struct Answers {
    channel: Channel,
    /// By start, the first one first.
    starts: Vec<Tail>,
}

impl Answers {
    /// From the first one on.
    pub fn of(channel: &Channel) -> Self {
        Self { channel: channel.clone(), starts: Vec::new() }
    }

    /// How many times the task has been taken up.
    pub fn starts(&self) -> usize {
        self.starts.len()
    }

    /// Whole answers since the last look; lines that are none are passed over.
    ///
    /// # Errors
    /// A file is there and cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<Answer>> {
        let mut answers = Vec::new();
        for start in 1.. {
            let path = self.channel.answers(start);
            let index = start as usize - 1;
            if index == self.starts.len() {
                if !path.exists() {
                    break;
                }
                self.starts.push(Tail::default());
            }
            answers.extend(self.starts[index].read(&path)?.iter().filter_map(|line| serde_json::from_slice(line).ok()));
        }
        Ok(answers)
    }
}

/// Whole lines of a file that grows.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    offset: u64,
    rest: Vec<u8>,
}

impl Tail {
    pub(crate) fn read(&mut self, path: &Path) -> io::Result<Vec<Vec<u8>>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        self.offset += file.take(MAX_READ).read_to_end(&mut self.rest)? as u64;
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(whole[..end].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect())
    }
}

fn line(order: &Order) -> Vec<u8> {
    let mut line = serde_json::to_vec(order).expect("orders are plain data");
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Update;
    use record::{Outcome, Status};

    fn train(run: &str) -> Order {
        Order::Train(run.to_owned())
    }

    fn ended(run: &str) -> Answer {
        Answer { run: run.to_owned(), update: Update::Ended(Outcome::early(Status::Diverged, 3, "x")) }
    }

    #[test]
    fn orders_and_answers_arrive_and_a_worker_that_leaves_takes_no_more() {
        let temporary = tempfile::tempdir().unwrap();
        let channel = Channel::create(&temporary.path().join("0"), &[train("a")]).unwrap();
        let mut post = Post::take_up(channel.clone()).unwrap();
        assert_eq!(post.look().unwrap(), Ordered::More(vec![train("a")]));
        assert!(channel.order(&Order::Pause).unwrap());
        assert_eq!(post.look().unwrap(), Ordered::More(vec![Order::Pause]));
        let mut answers = Answers::of(&channel);
        let mut file = post.answers().unwrap();
        file.write_all(b"\xff\n{\"run\":").unwrap();
        assert_eq!(answers.read().unwrap(), []);
        file.write_all(b"\"a\",\"update\":{\"step\":3}}\n").unwrap();
        answer(&mut file, &ended("a")).unwrap();
        assert_eq!(answers.read().unwrap(), [Answer { run: "a".into(), update: Update::Step(3) }, ended("a")]);

        assert!(channel.order(&train("b")).unwrap());
        post.close().unwrap();
        assert!(channel.is_closed() && !channel.order(&train("c")).unwrap());
        assert_eq!(post.look().unwrap(), Ordered::Last(vec![train("b")]));
        assert_eq!(channel.unanswered().unwrap(), ["b"]);
    }

    #[test]
    fn a_second_start_goes_on_with_what_the_first_has_not_answered() {
        let temporary = tempfile::tempdir().unwrap();
        let orders = [train("a"), train("b"), train("a")];
        let channel = Channel::create(&temporary.path().join("0"), &orders).unwrap();
        channel.end().unwrap();
        let mut first = Post::take_up(channel.clone()).unwrap();
        assert_eq!(first.look().unwrap(), Ordered::Last(orders.to_vec()));
        answer(&mut first.answers, &ended("a")).unwrap();
        let mut second = Post::take_up(channel.clone()).unwrap();
        assert_eq!(second.look().unwrap(), Ordered::Last(vec![train("b"), train("a")]));
        assert_eq!(channel.unanswered().unwrap(), ["b", "a"]);
        // Both live: each has a separate file.
        answer(&mut first.answers, &ended("b")).unwrap();
        answer(&mut second.answers, &ended("b")).unwrap();
        let mut answers = Answers::of(&channel);
        assert_eq!((answers.read().unwrap().len(), answers.starts()), (3, 2));
    }
}
