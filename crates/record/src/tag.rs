//! Names of everything that a run records as a number: `group/part`, such as `loss/generator`.
//!
//! This is the one list of groups. Parts are open: a task names its phases, and each phase has a loss, a gradient and a learning rate.

use crate::{Direction, Evaluation, FAVOURITE};

/// What a group is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Metrics of samples: they may rank runs. Few values, which are not smoothed.
    Evaluation,
    /// Of training, shown at once.
    Training,
    /// Of training, shown on request.
    Detail,
    /// What the settings decide: no result.
    Schedule,
    /// Of files that are shown themselves: a curve, and no number of a run.
    Sample,
}

/// Scalars whose names begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What stands before the slash.
    pub name: &'static str,
    /// The title of a chart with all its parts.
    pub label: &'static str,
    /// Empty if it has none.
    pub unit: &'static str,
    /// Where its values should be, if that is known of the whole group.
    pub direction: Option<Direction>,
    /// What it is to a reader.
    pub kind: Kind,
}

const fn group(name: &'static str, label: &'static str, unit: &'static str, kind: Kind) -> Group {
    Group { name, label, unit, direction: None, kind }
}

/// All groups, in the order of tables and charts.
pub const GROUPS: &[Group] = &[
    group(Evaluation::TEST, "samples against the test split", "", Kind::Evaluation),
    group(Evaluation::TRAIN, "samples against the training split", "", Kind::Evaluation),
    group("loss", "loss", "", Kind::Training),
    group("penalty", "penalty", "", Kind::Training),
    group("balance", "balance", "", Kind::Training),
    group("augmentation", "augmentation", "", Kind::Training),
    group("accuracy", "accuracy of the discriminator", "share", Kind::Detail),
    group("gradient", "gradient norm", "", Kind::Detail),
    group("output", "mean logit", "", Kind::Detail),
    group("samples", "samples", "", Kind::Sample),
    group("learning_rate", "learning rate", "", Kind::Schedule),
    group("device", "memory and time of the GPU that are taken", "share", Kind::Detail),
    Group { direction: Some(Direction::Higher), ..group("speed", "speed", "images/s", Kind::Training) },
];

/// Root of the mean variance of the samples of a step.
pub const SPREAD: &str = "samples/spread";
/// Real images that the discriminator sees in a second.
pub const IMAGES_PER_SECOND: &str = "speed/images_per_second";
/// The share of a GPU's memory that is taken, by all that run on it.
pub const DEVICE_MEMORY: &str = "device/memory";
/// The share of the time in which something runs on a GPU, of any process.
pub const DEVICE_UTILIZATION: &str = "device/utilization";
/// Distribution of a discriminator's logits of real samples.
pub const LOGITS_REAL: &str = "logits/real";
/// Distribution of a discriminator's logits of generated samples.
pub const LOGITS_FAKE: &str = "logits/fake";

/// Distribution of the logits of what was judged: `real`, `fake` ...
pub fn logits(of: &str) -> String {
    format!("logits/{of}")
}

/// Distribution of the weights of a matrix or kernel.
pub fn weights(name: &str) -> String {
    format!("weights/{name}")
}

/// The loss of a phase.
pub fn loss(phase: &str) -> String {
    format!("loss/{phase}")
}

/// The norm of the gradient of a phase's networks.
pub fn gradient(phase: &str) -> String {
    format!("gradient/{phase}")
}

/// The learning rate of a phase's optimizer.
pub fn learning_rate(phase: &str) -> String {
    format!("learning_rate/{phase}")
}

/// A quantity of an evaluation against a split.
pub fn evaluated(split: &str, quantity: &str) -> String {
    format!("{split}/{quantity}")
}

/// Whether it is a loss: of a phase, or a part of one.
pub fn is_loss(tag: &str) -> bool {
    split(tag).0 == "loss"
}

/// Whether it is the norm of a phase's gradient.
pub fn is_gradient(tag: &str) -> bool {
    split(tag).0 == "gradient"
}

/// Group and part; the group of a name without a slash is empty.
pub fn split(tag: &str) -> (&str, &str) {
    tag.split_once('/').unwrap_or(("", tag))
}

/// The group of a scalar, if it is one of the list.
pub fn group_of(tag: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.name == split(tag).0)
}

/// The phases among scalars: what has a learning rate. In alphabetical order.
pub fn phases<'a>(tags: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    let rates = tags.into_iter().map(|tag| split(tag)).filter(|(group, _)| *group == "learning_rate");
    let mut phases: Vec<&str> = rates.map(|(_, phase)| phase).collect();
    phases.sort_unstable();
    phases.dedup();
    phases
}

/// Sorts scalars as tables and charts list them: by group, those of unknown groups last; evaluations with the
/// quantity that ranks runs first; of the others what belongs to generators before what belongs to discriminators.
pub fn sort(tags: &mut [String]) {
    let side = |part: &str| {
        let is = |words: [&str; 2]| words.iter().any(|word| part.starts_with(word));
        if is(["generator", "fake"]) {
            0
        } else if is(["discriminator", "real"]) {
            1
        } else {
            2
        }
    };
    let place = |tag: &str| GROUPS.iter().position(|group| group.name == split(tag).0).unwrap_or(GROUPS.len());
    tags.sort_by_cached_key(|tag| {
        let part = split(tag).1;
        (place(tag), part != FAVOURITE, side(part), tag.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_phases_follow_from_the_phase() {
        assert_eq!(
            [loss("critic"), gradient("critic"), learning_rate("critic")].map(|tag| split(&tag).1.to_owned()),
            ["critic"; 3]
        );
        for tag in [
            loss("a"),
            gradient("a"),
            learning_rate("a"),
            evaluated("test", "kid"),
            SPREAD.into(),
            IMAGES_PER_SECOND.into(),
        ] {
            assert!(group_of(&tag).is_some(), "{tag}");
        }
        assert_eq!([logits("real"), logits("fake")], [LOGITS_REAL, LOGITS_FAKE]);
        assert!(is_loss(&loss("a")) && !is_loss(&gradient("a")));
        assert_eq!(group_of("loss"), None, "a name without a part is of no group");
    }

    #[test]
    fn phases_are_what_learns() {
        let tags = ["loss/code", "learning_rate/g_ab", "loss/g_ab", "learning_rate/d_a", "learning_rate/g_ab"];
        assert_eq!(phases(&tags.map(str::to_owned)), ["d_a", "g_ab"]);
    }

    #[test]
    fn scalars_stand_in_the_order_of_a_page() {
        let mut tags = [
            "speed/images_per_second",
            "mine/x",
            "loss/classifier",
            "loss/discriminator",
            "loss/generator",
            "output/real",
            "output/fake",
            "train/frechet",
            "test/precision",
            "test/frechet",
            "learning_rate/generator",
        ]
        .map(str::to_owned);
        sort(&mut tags);
        assert_eq!(
            tags,
            [
                "test/frechet",
                "test/precision",
                "train/frechet",
                "loss/generator",
                "loss/discriminator",
                "loss/classifier",
                "output/fake",
                "output/real",
                "learning_rate/generator",
                "speed/images_per_second",
                "mine/x",
            ]
        );
    }

    #[test]
    fn groups_are_listed_once() {
        let mut names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), GROUPS.len());
    }
}
