//! What is wrong with a sound that needs no ear: silence, clipping, clicks.

use crate::features::check_one;
use crate::metric::{Entry, Input, Measured, Metric, Quantity, Smallest, View};
use crate::{Features, MetricError, Side};
use family::Settings;
use rayon::prelude::*;
use samples::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest number of a silent sound: 60 dB below a full scale.
const SILENCE: f64 = 0.001;
/// Numbers from here on are at the end of the scale.
const FULL: f64 = 0.999;
/// As many of them in a row are not the peak of a wave.
const CLIPPED: usize = 3;
/// A click is a jump of this much of the scale, and so many times as far as the sound moves around it.
const JUMP: f64 = 0.1;
const TIMES: f64 = 8.0;
/// Numbers on either side of a jump that it is compared with.
const AROUND: usize = 32;

/// Shares of silent, clipped and clicking sounds.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundFaults {}

impl Settings for SoundFaults {
    const NAME: &'static str = "sound_faults";
}

impl Metric for SoundFaults {
    fn entry() -> Entry {
        Entry {
            about: "shares of silent, clipped and clicking sounds",
            paper: "",
            samples: "sounds, the fake samples",
            view: View::Samples,
            smallest: Smallest::Samples(1),
            settings: "silent: below -60 dB; clipped: 3 full numbers in a row; a click: a jump of 0.1, 8 times the usual one",
            quantities: vec![
                Quantity::floor("sounds_silent", "share").in_tables(),
                Quantity::floor("sounds_clipped", "share").in_tables(),
                Quantity::floor("sounds_clicking", "share").in_tables(),
            ],
        }
    }

    fn takes(&self, format: Format) -> bool {
        matches!(format, Format::Audio { channels: 1, .. })
    }

    fn measure(&self, input: &Input) -> Result<Vec<Measured>, MetricError> {
        let found = sound_faults(input.fake)?;
        Ok([found.silent, found.clipped, found.clicking].map(Measured::from).to_vec())
    }
}

/// Shares of sounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// No number is above 0.001, 60 dB below a full scale.
    pub silent: f64,
    /// Three numbers in a row are at an end of the scale, 0.999 or beyond.
    pub clipped: f64,
    /// Two neighbours are 0.1 apart, and eight times as far as the root of the mean square of the 32 differences on either
    /// side.
    pub clicking: f64,
}

/// Counts them: what real sounds have is right.
///
/// Unit: share. Cost: `samples · length`.
///
/// # Errors
/// No sounds.
pub fn sound_faults(sounds: Features) -> Result<Faults, MetricError> {
    check_one("sound_faults", Side::Fake, sounds, 1, "there is nothing to listen to")?;
    let matrix = sounds.matrix();
    let rows: Vec<Vec<f64>> = matrix.rows().into_iter().map(|row| row.to_vec()).collect();
    let share = |is: fn(&[f64]) -> bool| rows.par_iter().filter(|row| is(row)).count() as f64 / rows.len() as f64;
    Ok(Faults { silent: share(is_silent), clipped: share(is_clipped), clicking: share(clicks) })
}

fn is_silent(sound: &[f64]) -> bool {
    sound.iter().all(|number| number.abs() < SILENCE)
}

fn is_clipped(sound: &[f64]) -> bool {
    let is_full = |run: &[f64]| run.iter().all(|number| *number >= FULL) || run.iter().all(|number| *number <= -FULL);
    sound.windows(CLIPPED).any(is_full)
}

fn clicks(sound: &[f64]) -> bool {
    let jumps: Vec<f64> = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let is_click = |(at, jump): (usize, &f64)| {
        let around = jumps[at.saturating_sub(AROUND)..at].iter().chain(jumps[at + 1..].iter().take(AROUND));
        let (count, squares) = around.fold((0.0, 0.0), |(count, sum), other| (count + 1.0, sum + other * other));
        *jump > JUMP && *jump > TIMES * (squares / f64::max(count, 1.0)).sqrt()
    };
    jumps.iter().enumerate().any(is_click)
}
