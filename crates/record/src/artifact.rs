//! Files that show what a run makes or sees: which role they play, and which media type they have.

use samples::Media;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A file in a run's `samples/` that was written at a step. A step may have several of one role: a sound's samples, its
/// waveform and its spectrogram. A file that is written again shows what it got last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// What it shows.
    pub role: Role,
    /// How it is encoded.
    pub media: MediaType,
    /// Generator updates done.
    pub step: u64,
    /// Path below the run's folder, as [`Role::file`] gives it; read through
    /// [`RunFolder::artifact`](crate::RunFolder::artifact), which refuses every other place.
    pub file: String,
    /// Which of several views of the same samples it is, such as `waveform`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Root of the mean variance of the samples it shows, where that says something; 0 if they are all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
    /// Unix time, seconds.
    pub at: f64,
}

/// What an artifact shows: a word of small letters, digits and underscores. The constants are those that this program
/// treats in a way of their own; a task may have further ones.
///
/// Roles are ordered as a page lists them: what the run made first, then data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Role(Cow<'static, str>);

impl Role {
    /// Generated samples from the fixed latents.
    pub const SAMPLES: Self = Self::new("samples");
    /// What a task that translates made of the fixed inputs.
    pub const OUTPUT: Self = Self::new("output");
    /// A row for each of the fixed inputs: the input, what a task made of it, and what the data set has for it.
    pub const TRANSLATION: Self = Self::new("translation");
    /// Samples on straight lines between latent vectors: a row for each line, or a curve in the plane.
    pub const INTERPOLATION: Self = Self::new("interpolation");
    /// Generated samples, and below each the training sample most like it.
    pub const NEIGHBOURS: Self = Self::new("neighbours");
    /// Real samples, as many as there are generated ones.
    pub const REAL: Self = Self::new("real");
    /// The fixed inputs of a task that translates.
    pub const INPUT: Self = Self::new("input");
    /// What the data set has for the fixed inputs.
    pub const TARGET: Self = Self::new("target");

    /// A role that the program itself names.
    ///
    /// # Panics
    /// The name is empty or has other characters than small letters, digits and underscores.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_plain(name), "a role is a word of small letters, digits and underscores");
        Self(Cow::Borrowed(name))
    }

    /// The word in files.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether it shows the data set and nothing of the run: the same for all runs on the same data.
    pub fn is_data(&self) -> bool {
        [Self::REAL, Self::INPUT, Self::TARGET].contains(self)
    }

    /// Path below the run's folder. Without a `step` there is one such file in a run, which is replaced as it goes on.
    /// `label` tells several files of one step apart.
    pub fn file(&self, step: Option<u64>, label: Option<&str>, media: Media) -> String {
        let name = match step {
            Some(step) if *self == Self::SAMPLES => format!("step-{step:06}"),
            Some(step) => format!("{self}-{step:06}", self = self.name()),
            None => self.name().to_owned(),
        };
        let label = label.map(|label| format!("-{label}")).unwrap_or_default();
        format!("samples/{name}{label}.{}", media.extension())
    }

    fn rank(&self) -> usize {
        let made = [Self::SAMPLES, Self::TRANSLATION, Self::OUTPUT, Self::INTERPOLATION, Self::NEIGHBOURS];
        let data = [Self::INPUT, Self::TARGET, Self::REAL];
        let place = |list: &[Self]| list.iter().position(|role| role == self);
        // Roles of which nothing is known here stand between the two.
        place(&made).or_else(|| Some(made.len() + 1 + place(&data)?)).unwrap_or(made.len())
    }
}

/// In plain words.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            role if *role == Self::REAL => f.write_str("real samples"),
            role if *role == Self::INTERPOLATION => f.write_str("interpolation between latents"),
            role if *role == Self::NEIGHBOURS => f.write_str("nearest training samples"),
            role => f.write_str(&role.0.replace('_', " ")),
        }
    }
}

impl Ord for Role {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Role {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if is_plain(&name) { Ok(Self(Cow::Owned(name))) } else { Err(format!("{name:?} is no role")) }
    }
}

const fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !matches!(bytes[at], b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty()
}

/// How a file is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MediaType {
    /// One that samples are written as.
    Known(Media),
    /// One that this version does not know.
    Other(String),
}

impl From<Media> for MediaType {
    fn from(media: Media) -> Self {
        Self::Known(media)
    }
}

impl From<String> for MediaType {
    fn from(name: String) -> Self {
        Media::ALL.into_iter().find(|media| media.mime() == name).map_or(Self::Other(name), Self::Known)
    }
}

impl From<MediaType> for String {
    fn from(media: MediaType) -> Self {
        match media {
            MediaType::Known(media) => media.mime().to_owned(),
            MediaType::Other(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_is_one_line_of_json() {
        let artifact = Artifact {
            role: Role::SAMPLES,
            media: Media::Wav.into(),
            step: 7,
            file: "samples/step-000007.wav".into(),
            label: None,
            spread: Some(0.5),
            at: 2.0,
        };
        let json =
            r#"{"role":"samples","media":"audio/wav","step":7,"file":"samples/step-000007.wav","spread":0.5,"at":2.0}"#;
        assert_eq!(serde_json::to_string(&artifact).unwrap(), json);
        assert_eq!(serde_json::from_str::<Artifact>(json).unwrap(), artifact);
    }

    #[test]
    fn further_roles_and_media_types_are_kept_and_a_role_that_is_no_word_is_refused() {
        let role = |text: &str| serde_json::from_value::<Role>(text.into());
        assert_eq!(role("cycle_2").unwrap(), Role::new("cycle_2"));
        for text in ["", "Real", "a b", "../x", "é", "a/b"] {
            assert!(role(text).is_err(), "{text:?}");
        }
        let media = |name: &str| MediaType::from(name.to_owned());
        assert_eq!(media("video/webm"), MediaType::Other("video/webm".into()));
        for name in ["image/apng", "video/webm"] {
            assert_eq!(String::from(media(name)), name);
        }
    }

    #[test]
    fn files_of_a_step_do_not_meet() {
        let check = |file: String, expected: &str| assert_eq!(file, expected);
        check(Role::SAMPLES.file(Some(100), None, Media::Png), "samples/step-000100.png");
        check(Role::SAMPLES.file(Some(100), Some("waveform"), Media::Png), "samples/step-000100-waveform.png");
        check(Role::OUTPUT.file(Some(2), None, Media::Wav), "samples/output-000002.wav");
        check(Role::REAL.file(None, None, Media::Apng), "samples/real.apng");
    }

    #[test]
    fn roles_stand_in_the_order_of_a_page() {
        let mut roles = ["target", "real", "neighbours", "cycle", "samples", "input"].map(Role::new);
        roles.sort();
        assert_eq!(roles.each_ref().map(Role::name), ["samples", "neighbours", "cycle", "input", "target", "real"]);
        assert_eq!(roles.iter().filter(|role| role.is_data()).count(), 3);
    }
}
