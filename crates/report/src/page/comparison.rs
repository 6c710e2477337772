//! Configurations as a table: best first, each against the best one, seed by seed; those without a score last, with the
//! statuses of their runs.

use super::baselines;
use super::format::{decimals, number, thousands};
use crate::compare::{Configuration, Place, Quantity, Ranking, score};
use crate::run::RunView;
use crate::statistics::{Mean, Paired};
use record::Status;

/// The table and what stands around it.
pub(crate) struct Comparison {
    pub quantity: String,
    pub floor: Option<String>,
    /// What needs no network, in words, with its value.
    pub baselines: Vec<[String; 2]>,
    /// Some run's data hold nothing out.
    pub is_against_training: bool,
    /// How the quantity was measured.
    pub measured: String,
    /// Whether runs were measured in different ways.
    pub is_mixed: bool,
    pub lines: Vec<Line>,
    /// What is not shown about the best configuration; empty where it is the only one, or better than all others.
    pub verdict: String,
}

impl Comparison {
    /// The first line; a ranking is never empty.
    pub(crate) fn best(&self) -> &Line {
        &self.lines[0]
    }
}

/// A configuration.
pub(crate) struct Line {
    pub label: String,
    /// Index of the configuration.
    pub group: usize,
    pub mean: String,
    /// With its sign; empty for a single run.
    pub half: String,
    /// `3 of 3`
    pub counted: String,
    pub is_complete: bool,
    /// The selected steps of the runs that count: `600`, or `300 to 600`.
    pub steps: String,
    /// Mean difference to the best one; empty for that itself.
    pub difference: String,
    /// Its interval, or why there is none.
    pub interval: String,
    /// In how many pairs it is worse.
    pub worse: String,
    /// What the comparison with the best one shows, or how runs ended that have no score; empty for the best one.
    pub verdict: String,
}

pub(crate) fn comparison(views: &[RunView], ranking: &Ranking, configurations: &[Configuration]) -> Comparison {
    let Ranking { quantity, places } = ranking;
    let decimals = decimals(places.iter().map(|place| place.mean.mean));
    let best = &configurations[places[0].configuration];
    let ranked = |place: &Place| {
        let configuration = &configurations[place.configuration];
        let Mean { mean, half, count } = place.mean;
        let (difference, interval, worse) = match &place.against_best {
            None => Default::default(),
            Some(paired) => (
                signed(paired.mean, decimals),
                paired.interval.map_or_else(
                    || "none: fewer than 3 shared seeds".into(),
                    |(low, high)| format!("{} to {}", signed(low, decimals), signed(high, decimals)),
                ),
                format!("{} of {}", paired.above, paired.pairs),
            ),
        };
        let verdict = match &place.against_best {
            _ if !place.is_complete() => unscored(views, configuration, quantity),
            _ if std::ptr::eq(configuration, best) => String::new(),
            Some(Paired { interval: Some((low, _)), .. }) if *low > 0.0 => "worse".into(),
            _ => no_difference(&best.label),
        };
        Line {
            label: configuration.label.clone(),
            group: place.configuration,
            mean: number(mean, decimals),
            half: half.map(|half| format!("± {}", number(half, decimals))).unwrap_or_default(),
            counted: format!("{count} of {}", place.planned),
            is_complete: place.is_complete(),
            steps: steps(views, configuration, quantity),
            difference,
            interval,
            worse,
            verdict,
        }
    };
    let mut lines: Vec<Line> = places.iter().map(ranked).collect();
    let equal: Vec<&str> =
        lines[1..].iter().filter(|line| line.verdict == no_difference(&best.label)).map(|line| &*line.label).collect();
    let verdict = match equal[..] {
        [] => String::new(),
        [other] => no_difference(other),
        [first, ..] => no_difference(&format!("{first} and {} more", equal.len() - 1)),
    };
    let is_ranked = |index: &usize| places.iter().any(|place| place.configuration == *index);
    lines.extend((0..configurations.len()).filter(|index| !is_ranked(index)).map(|group| Line {
        label: configurations[group].label.clone(),
        group,
        mean: "–".into(),
        half: String::new(),
        counted: format!("0 of {}", configurations[group].runs.len()),
        is_complete: false,
        steps: String::new(),
        difference: String::new(),
        interval: String::new(),
        worse: String::new(),
        verdict: unscored(views, &configurations[group], quantity),
    }));
    Comparison {
        quantity: format!("{} {}", quantity.name.replace('_', " "), quantity.arrow()),
        floor: quantity.floor.map(|floor| number(floor, decimals)),
        baselines: quantity
            .baselines
            .iter()
            .map(|(name, value)| [baselines::title(name), number(*value, decimals)])
            .collect(),
        is_against_training: quantity.is_against_training,
        measured: quantity.settings.join("; "),
        is_mixed: quantity.settings.len() > 1,
        lines,
        verdict,
    }
}

fn no_difference(from: &str) -> String {
    format!("no difference from {from} shown: add seeds")
}

/// How the runs stand that have no score: `1 diverged, 1 collapsed`.
fn unscored(views: &[RunView], configuration: &Configuration, quantity: &Quantity) -> String {
    let views = configuration.runs.iter().map(|run| &views[*run]);
    let unscored = views.filter(|view| score(view, quantity).is_none());
    statuses(unscored.map(|view| view.row.status)).replace("done", "done without a value")
}

/// `24 done, 3 diverged`
pub(super) fn statuses(statuses: impl Iterator<Item = Status>) -> String {
    let mut statuses: Vec<Status> = statuses.collect();
    statuses.sort_unstable();
    let counts = statuses.chunk_by(|a, b| a == b).map(|same| format!("{} {}", same.len(), same[0]));
    counts.collect::<Vec<_>>().join(", ")
}

/// The selected steps of the runs that count.
pub(super) fn steps(views: &[RunView], configuration: &Configuration, quantity: &Quantity) -> String {
    let views = configuration.runs.iter().map(|run| &views[*run]);
    let counted = views.filter(|view| score(view, quantity).is_some());
    let steps: Vec<u64> =
        counted.filter_map(|view| view.row.selection.as_ref()).map(|selection| selection.step).collect();
    match (steps.iter().min(), steps.iter().max()) {
        (Some(first), Some(last)) if first < last => format!("{} to {}", thousands(*first), thousands(*last)),
        (first, _) => first.map(|step| thousands(*step)).unwrap_or_default(),
    }
}

fn signed(value: f64, decimals: usize) -> String {
    let text = number(value.abs(), decimals);
    let sign = if value > 0.0 {
        "+"
    } else if value < 0.0 {
        "−"
    } else {
        ""
    };
    format!("{sign}{text}")
}
