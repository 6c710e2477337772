//! Makes up a sweep's records and builds its report: something to look at while working on the page.
//!
//! `cargo run -p report --example demo -- FOLDER [IDX_IMAGES.gz]`: the second file has the pictures that the made-up
//! generator learns, in MNIST's format; without it they are blobs.

use flate2::read::GzDecoder;
use record::{
    Event, EventLog, FORMAT_VERSION, Outcome, Plan, PlannedRun, Provenance, RunFolder, Scalars, Status, SweepFolder,
};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::path::Path;

const STEPS: u64 = 600;
const SIDE: usize = 28;
const CELLS: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = SweepFolder::new(arguments.next().ok_or("usage: demo FOLDER [IDX_IMAGES.gz]")?);
    let digits = digits(arguments.next().as_deref())?;
    std::fs::create_dir_all(folder.path())?;
    let plan = plan();
    plan.write(&folder)?;
    for (i, run) in plan.runs.iter().enumerate() {
        write_run(&folder.run(&run.id), run, i, &digits)?;
    }
    let built = report::build(&folder)?;
    println!("{} runs: {}", built.runs, built.page.display());
    for warning in built.warnings {
        println!("warning: {warning}");
    }
    Ok(())
}

fn plan() -> Plan {
    let runs = [1e-5, 1e-4, 1e-3, 1e-2].iter().flat_map(|lr| (0..2).map(|seed| planned(*lr, seed))).collect();
    Plan {
        format: FORMAT_VERSION,
        sweep: "lr".into(),
        description: "How far can the learning rate go before the guide's GAN diverges?\n\
                      Four rates for both optimizers, two seeds each."
            .into(),
        experiment: "experiments/lr.yaml".into(),
        experiment_digest: "blake3:5f0c6e1d2a9b4c7788e1".into(),
        created: 1_795_358_000.0,
        runs,
    }
}

fn planned(lr: f64, seed: u64) -> PlannedRun {
    let optimizer = json!({"optimizer": "adam", "lr": lr, "beta1": 0.5, "beta2": 0.999});
    let mut overrides = Map::new();
    overrides.insert("train.*.lr".into(), json!(lr));
    PlannedRun {
        id: format!("guide-lr{lr:e}-s{seed}-{:08x}", (lr.to_bits() >> 20) as u32 ^ (seed as u32 * 0x9e37)),
        seed,
        overrides,
        steps: STEPS,
        config: json!({
            "seed": seed,
            "data": {"name": "mnist-10k"},
            "model": {"preset": "guide", "latent": {"dim": 100, "distribution": "normal"}, "loss": "non_saturating"},
            "train": {"steps": STEPS, "batch_size": 64, "generator": optimizer, "discriminator": optimizer},
            "sample": {"every": 100, "count": CELLS * CELLS},
        }),
    }
}

fn write_run(folder: &RunFolder, run: &PlannedRun, i: usize, digits: &[Vec<u8>]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder.samples())?;
    std::fs::write(folder.provenance(), serde_json::to_vec_pretty(&provenance())?)?;
    let mut log = EventLog::open(&folder.events())?;
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15 ^ (i as u64 + 1));
    let lr = run.overrides["train.*.lr"].as_f64().unwrap_or(0.0);
    let (mut at, end) =
        (1_795_358_010.0 + 90.0 * i as f64, [STEPS, 210, 430][usize::from(i == 7) + 2 * usize::from(i == 5)]);
    let began = at;
    log.append(&Event::Started { attempt: 1, step: 0, device: "cpu:flex".into(), threads: 1, at })?;
    for step in (0..=end).step_by(10) {
        at += 1.18;
        let progress = 1.0 - (-(step as f64) / 160.0 * (lr / 3e-4).powf(0.4)).exp();
        if step > 0 {
            let lost = i == 7 && step > 150;
            let wild = if lost { (step as f64 - 150.0).powi(2) / 40.0 } else { 0.0 };
            let nan = if i == 7 && step >= 200 { f64::NAN } else { 0.0 };
            log.append(&Event::Scalars(Scalars { step, at, values: values(progress, lr, wild + nan, &mut noise) }))?;
        }
        if step % 100 == 0 {
            let file = RunFolder::sample_name(step);
            let collapsed = lr > 5e-3 && step > 0;
            std::fs::write(folder.path().join(&file), grid(digits, progress, collapsed, &mut noise)?)?;
            log.append(&Event::Sample { step, file, at })?;
        }
    }
    let (status, reason) = match i {
        5 => return Ok(()),
        7 => (Status::Diverged, Some("the generator's loss is not a number".to_owned())),
        _ => (Status::Done, None),
    };
    let weights_digest = (status == Status::Done).then(|| format!("blake3:{:016x}", noise.next()));
    let outcome = Outcome { status, step: end, reason, weights_digest };
    Ok(log.append(&Event::Ended { outcome, wall_secs: at - began, at })?)
}

fn values(progress: f64, lr: f64, wild: f64, noise: &mut Noise) -> BTreeMap<String, f64> {
    let mut near = |center: f64, width: f64| center + width * (noise.unit() + noise.unit() - 1.0);
    [
        ("loss/generator", near(0.7 + 1.6 * progress, 0.35) + wild),
        ("loss/discriminator", near(1.38 - 0.6 * progress, 0.16) + wild / 3.0),
        ("output/real", near(1.4 * progress, 0.3)),
        ("output/fake", near(-1.5 * progress, 0.3)),
        ("learning_rate/generator", lr),
        ("learning_rate/discriminator", lr),
        ("speed/images_per_second", near(545.0, 20.0)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Digits that come out of noise as training goes on; one digit everywhere when modes are lost.
fn grid(digits: &[Vec<u8>], progress: f64, collapsed: bool, noise: &mut Noise) -> Result<Vec<u8>, png::EncodingError> {
    let width = CELLS * (SIDE + 2) + 2;
    let mut pixels = vec![0u8; width * width];
    for cell in 0..CELLS * CELLS {
        let digit = &digits[if collapsed { 3 } else { cell % digits.len() }];
        let (left, top) = (2 + cell % CELLS * (SIDE + 2), 2 + cell / CELLS * (SIDE + 2));
        for (i, value) in digit.iter().enumerate() {
            let blurred = f64::from(*value) * progress
                + (1.0 - progress) * 128.0
                + 90.0 * (1.0 - progress) * (noise.unit() - 0.5);
            pixels[(top + i / SIDE) * width + left + i % SIDE] = blurred.clamp(0.0, 255.0) as u8;
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, width as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

fn digits(path: Option<&str>) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    const IDX_HEADER: usize = 16;
    let Some(path) = path else {
        let distance = |i: usize| ((i % SIDE) as f64 - 13.5).hypot((i / SIDE) as f64 - 13.5);
        let blob =
            |radius: usize| (0..SIDE * SIDE).map(|i| if distance(i) < radius as f64 { 255 } else { 0 }).collect();
        return Ok((3..13).map(blob).collect());
    };
    let mut bytes = Vec::new();
    GzDecoder::new(std::fs::File::open(Path::new(path))?).read_to_end(&mut bytes)?;
    Ok(bytes[IDX_HEADER..].chunks_exact(SIDE * SIDE).take(CELLS * CELLS).map(<[u8]>::to_vec).collect())
}

fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".into(),
        git_commit: Some("9f3c1e2b7d40".into()),
        git_dirty: Some(false),
        os: "linux".into(),
        host: "workstation".into(),
        device: "cpu:flex".into(),
        threads: 1,
        numeric_class: "flex x86-64 avx2".into(),
        cpu_features: vec!["avx2".into(), "fma".into()],
        data: "mnist-10k".into(),
        data_fingerprint: "blake3:4e07408562be".into(),
    }
}

/// Marsaglia's xorshift: a made-up run needs no better.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
