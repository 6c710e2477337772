//! A sweep in a temporary folder.

use record::{
    Artifact, Direction, Evaluation, Event, EventLog, FORMAT_VERSION, Histogram, Histograms, Measurement, Media,
    MediaType, Outcome, Plan, PlannedRun, Provenance, Role, RunFolder, Scalars, Status, SweepFolder, SweepLock,
};
use report::{Built, Options, ReportError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Unix time of the plan; events follow.
pub(crate) const CREATED: f64 = 1_795_358_000.0;

pub(crate) struct Sweep {
    _temporary: TempDir,
    pub folder: SweepFolder,
    pub plan: Plan,
}

impl Sweep {
    pub(crate) fn of(runs: Vec<PlannedRun>) -> Self {
        Self::named("lr", "How far can it go?", runs)
    }

    pub(crate) fn named(name: &str, description: &str, runs: Vec<PlannedRun>) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SweepFolder::new(temporary.path().join("lr"));
        std::fs::create_dir(folder.path()).unwrap();
        let plan = Plan {
            environment: Vec::new(),
            sets: Vec::new(),
            format: FORMAT_VERSION,
            sweep: name.into(),
            description: description.into(),
            experiment: "experiments/lr.yaml".into(),
            experiment_digest: "blake3:5f0c".into(),
            created: CREATED,
            extended: Vec::new(),
            runs,
        };
        plan.write(&folder).unwrap();
        Self { _temporary: temporary, folder, plan }
    }

    /// Two learning rates, two seeds each: done, diverged, killed, never started.
    pub(crate) fn mixed() -> Self {
        let runs = [(1e-4, 0), (1e-4, 1), (1e-2, 0), (1e-2, 1)].map(|(lr, seed)| planned(lr, seed));
        let sweep = Self::of(runs.into());
        sweep.attempt("lr1e-4-s0", 0, 30).end(Status::Done, None);
        sweep.attempt("lr1e-4-s1", 0, 20).end(Status::Diverged, Some("the generator's loss is not a number"));
        sweep.attempt("lr1e-2-s0", 0, 10);
        sweep
    }

    pub(crate) fn build(&self) -> Built {
        self.try_build().unwrap()
    }

    pub(crate) fn try_build(&self) -> Result<Built, ReportError> {
        self.build_with(&Options::default())
    }

    pub(crate) fn build_with(&self, options: &Options) -> Result<Built, ReportError> {
        report::build(std::slice::from_ref(&self.folder), options)
    }

    pub(crate) fn html(&self) -> String {
        self.build();
        std::fs::read_to_string(self.folder.page()).unwrap()
    }

    /// Trains from step `from` to step `to`: losses at every fifth step, a grid at every tenth.
    pub(crate) fn attempt(&self, id: &str, from: u64, to: u64) -> Attempt {
        let mut attempt = self.start(id, from);
        for step in (from..=to).step_by(5) {
            if step > from {
                let values = [("loss/generator", 0.5 + step as f64 / 8.0), ("loss/discriminator", 1.25)];
                attempt.scalars(step, &values);
            }
            if step % 10 == 0 {
                attempt.sample(step, &png(8, 6, step as u8));
            }
        }
        attempt
    }

    /// A sweep that works here since then.
    pub(crate) fn lock(&self, since: f64) -> SweepLock {
        let lock = SweepLock::acquire(&self.folder).unwrap();
        std::fs::write(self.folder.lock(), json!({"pid": 1, "host": "here", "since": since}).to_string()).unwrap();
        lock
    }

    pub(crate) fn start(&self, id: &str, from: u64) -> Attempt {
        let folder = self.folder.run(id);
        std::fs::create_dir_all(folder.samples()).unwrap();
        std::fs::write(folder.provenance(), serde_json::to_vec(&provenance()).unwrap()).unwrap();
        let before = record::read_events(&folder).unwrap().len();
        let log = EventLog::begin(&folder, None).unwrap();
        let number = log.attempt();
        let mut attempt = Attempt { folder, log, at: CREATED + 2.0 + before as f64, wall_secs: 0.0, step: from };
        let at = attempt.at;
        attempt.append(Event::Started {
            attempt: number,
            step: from,
            device: "cpu:flex".into(),
            threads: 1,
            numerics: vec![],
            at,
        });
        attempt
    }
}

/// A run of the plan, as `lr1e-4-s0`.
pub(crate) fn planned(lr: f64, seed: u64) -> PlannedRun {
    run(&format!("lr{lr:e}-s{seed}"), seed, json!({"train.*.lr": lr}))
}

pub(crate) fn run(id: &str, seed: u64, overrides: Value) -> PlannedRun {
    let config = json!({"seed": seed, "train": {"steps": 30, "settings": overrides}});
    PlannedRun {
        id: id.into(),
        digest: None,
        seed,
        overrides: overrides.as_object().unwrap().clone(),
        steps: 30,
        config,
    }
}

/// An attempt that records; without [`end`](Self::end) it was killed.
pub(crate) struct Attempt {
    pub folder: RunFolder,
    log: EventLog,
    at: f64,
    wall_secs: f64,
    step: u64,
}

impl Attempt {
    pub(crate) fn append(&mut self, event: Event) {
        self.log.append(&event).unwrap();
        self.at += 1.0;
        self.wall_secs += 1.0;
    }

    pub(crate) fn scalars(&mut self, step: u64, values: &[(&str, f64)]) {
        let values = values.iter().map(|(name, value)| (name.to_string(), *value)).collect();
        self.step = step;
        self.append(Event::Scalars(Scalars { step, at: self.at, values }));
    }

    /// Quantities where less is better; real samples get 1.
    pub(crate) fn evaluation(&mut self, step: u64, split: &str, values: &[(&str, f64)]) {
        self.evaluation_with_floors(step, split, values, 1.0);
    }

    /// Of a translation, whose inputs alone get `copy`.
    pub(crate) fn translation(&mut self, step: u64, values: &[(&str, f64)], copy: f64) {
        let copied = values.iter().map(|(name, _)| (name.to_string(), copy)).collect();
        let baselines = [("copy".to_owned(), copied)].into();
        let evaluation = self.of_values(step, "test", values);
        self.append(Event::Evaluation(Evaluation { baselines, ..evaluation }));
    }

    pub(crate) fn evaluation_with_floors(&mut self, step: u64, split: &str, values: &[(&str, f64)], floor: f64) {
        let floors = values.iter().map(|(name, _)| (name.to_string(), floor)).collect();
        let evaluation = self.of_values(step, split, values);
        self.append(Event::Evaluation(Evaluation { floors, ..evaluation }));
    }

    fn of_values(&self, step: u64, split: &str, values: &[(&str, f64)]) -> Evaluation {
        let lower = |value| Measurement { value, standard_error: None, direction: Direction::Lower };
        Evaluation {
            step,
            at: self.at,
            count: 100,
            features: "pixels".into(),
            features_hash: "blake3:0".into(),
            split: split.into(),
            values: values.iter().map(|(name, value)| (name.to_string(), lower(*value))).collect(),
            floors: Default::default(),
            baselines: Default::default(),
            problems: Default::default(),
            by_class: Default::default(),
            settings: Default::default(),
        }
    }

    pub(crate) fn sample(&mut self, step: u64, png: &[u8]) {
        let file = Role::SAMPLES.file(Some(step), None, Media::Png);
        self.artifact(Role::SAMPLES, Media::Png, step, &file, None, png);
    }

    pub(crate) fn picture(&mut self, role: Role, step: u64, png: &[u8]) {
        let file = role.file(None, None, Media::Png);
        self.artifact(role, Media::Png, step, &file, None, png);
    }

    pub(crate) fn artifact(
        &mut self,
        role: Role,
        media: impl Into<MediaType>,
        step: u64,
        file: &str,
        label: Option<&str>,
        bytes: &[u8],
    ) {
        std::fs::write(self.folder.path().join(file), bytes).unwrap();
        let (media, file, label) = (media.into(), file.to_owned(), label.map(str::to_owned));
        self.append(Event::Artifact(Artifact { role, media, step, file, label, spread: None, at: self.at }));
    }

    pub(crate) fn histograms(&mut self, step: u64, values: &[(&str, &Histogram)]) {
        let values = values.iter().map(|(name, histogram)| (name.to_string(), (*histogram).clone())).collect();
        self.append(Event::Histograms(Histograms { step, at: self.at, values }));
    }

    pub(crate) fn end(mut self, status: Status, reason: Option<&str>) {
        let weights_digest = (status == Status::Done).then(|| "blake3:77".to_owned());
        let outcome =
            Outcome { status, step: self.step, reason: reason.map(str::to_owned), cause: None, weights_digest };
        let (wall_secs, at) = (self.wall_secs, self.at);
        self.append(Event::Ended { outcome, wall_secs, at });
    }
}

pub(crate) fn png(width: u32, height: u32, grey: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&vec![grey; (width * height) as usize]).unwrap();
    bytes
}

fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".into(),
        git_commit: Some("9f3c1e2".into()),
        git_dirty: Some(true),
        os: "linux".into(),
        host: "here".into(),
        device: "cpu:flex".into(),
        visible_devices: None,
        threads: 1,
        numeric_class: "flex avx2".into(),
        unchecked: false,
        cpu_features: vec![],
        digest: None,
        trajectory: None,
        from: None,
        data: "mnist-10k".into(),
        data_fingerprint: "blake3:4e07".into(),
        domain: None,
        data_found: None,
        class_names: vec![],
        column_classes: vec![],
        image_shape: None,
        classes: None,
    }
}

/// Samples as a PNG that is missing.
pub(crate) fn samples(step: u64, file: &str, spread: Option<f64>) -> Event {
    let file = file.to_owned();
    Event::Artifact(Artifact {
        role: Role::SAMPLES,
        media: Media::Png.into(),
        step,
        file,
        label: None,
        spread,
        at: 0.0,
    })
}

/// A film of squares that brighten.
pub(crate) fn apng(width: u32, height: u32, frames: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_animated(u32::from(frames), 0).unwrap();
    encoder.set_frame_delay(1, 4).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in 0..frames {
        writer.write_image_data(&vec![80 * frame; (width * height) as usize]).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// A twentieth of a second of a tone, 8 kHz, 16 bits, one channel.
pub(crate) fn wav(pitch: u8) -> Vec<u8> {
    let values = (0..400).map(|at| (f64::from(at) * f64::from(pitch) / 50.0).sin() * 12_000.0);
    let data: Vec<u8> = values.flat_map(|value| (value as i16).to_le_bytes()).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}
