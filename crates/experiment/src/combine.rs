//! The axes of a sweep multiplied out: which combinations there are, given that an axis may exist for some only.
//!
//! An axis that does not exist for a combination leaves it as it is. A condition sees the base and the axes above its
//! own, never those below, so that one pass over the axes decides.

use serde_json::Value;

use crate::Run;
use crate::axis::{Axis, Choice};
use crate::compose::Composer;
use crate::merge::TAG_KEYS;
use crate::names::{nearest, quote, suggest};
use crate::problem::Collector;
use crate::sweep::Sweep;
use crate::when::Condition;

/// Values of a setting that are kept to suggest what a condition could ask for.
const MAX_REMEMBERED: usize = 12;
/// A preset sets what it likes.
const PRESET: [&str; 2] = ["model", "preset"];

/// Every combination in order, the last axis fastest; `None` if there are more than `most`.
///
/// Conditions that can never make sense are reported, and then hold everywhere.
pub(crate) fn combinations<R: Run>(
    sweep: &Sweep,
    most: usize,
    composer: &mut Composer<'_, R>,
    collector: &mut Collector,
) -> Option<Vec<Vec<Choice>>> {
    let mut combiner = Combiner { sweep, composer, collector };
    let mut combinations = vec![Vec::new()];
    for index in 0..sweep.axes.len() {
        combinations = combiner.multiply(index, combinations, most)?;
    }
    Some(combinations)
}

struct Combiner<'a, 'b, R> {
    sweep: &'a Sweep,
    composer: &'a mut Composer<'b, R>,
    collector: &'a mut Collector,
}

/// What a condition met.
#[derive(Default)]
struct Met {
    whole: bool,
    items: Vec<bool>,
    /// Values that its setting had.
    values: Vec<Value>,
}

impl<R: Run> Combiner<'_, '_, R> {
    fn multiply(&mut self, index: usize, combinations: Vec<Vec<Choice>>, most: usize) -> Option<Vec<Vec<Choice>>> {
        let axis = &self.sweep.axes[index];
        let sound: Vec<&Condition> = axis.when.iter().filter(|condition| self.is_sound(index, condition)).collect();
        let mut met: Vec<Met> = sound.iter().map(|_| Met::default()).collect();
        let mut next = Vec::new();
        for chosen in combinations {
            if self.exists(&sound, &chosen, &mut met) {
                next.extend(axis.steps.iter().take(most + 1).map(|step| [&chosen[..], step].concat()));
            } else {
                next.push(chosen);
            }
            if next.len() > most {
                return None;
            }
        }
        for (condition, met) in sound.iter().zip(&met) {
            self.check_met(index, condition, met);
        }
        Some(next)
    }

    fn exists(&mut self, when: &[&Condition], chosen: &[Choice], met: &mut [Met]) -> bool {
        if when.is_empty() {
            return true;
        }
        let composed = self.composer.compose(chosen, self.collector);
        let mut exists = true;
        // Each is looked at, even if the one before does not hold: what it meets is needed.
        for (condition, met) in when.iter().zip(met) {
            let whole = self.composer.fits(&condition.whole, &composed, self.collector);
            let items: Vec<bool> =
                condition.items.iter().map(|item| self.composer.fits(item, &composed, self.collector)).collect();
            exists &= whole || items.contains(&true);
            met.whole |= whole;
            met.items.resize(items.len(), false);
            met.items.iter_mut().zip(items).for_each(|(met, fits)| *met |= fits);
            for path in self.composer.paths(condition.key(), self.collector).iter() {
                let value = self.composer.value(&composed, path).unwrap_or_default();
                if met.values.len() < MAX_REMEMBERED && !met.values.contains(&value) {
                    met.values.push(value);
                }
            }
        }
        exists
    }

    /// Whether a condition makes sense, as far as that is known without the combinations. If not, it is reported.
    fn is_sound(&mut self, index: usize, condition: &Condition) -> bool {
        let faults = self.collector.count();
        self.check(index, condition);
        self.collector.count() == faults
    }

    fn check(&mut self, index: usize, condition: &Condition) {
        let (axis, key) = (&self.sweep.axes[index], condition.key());
        let (name, shown) = (name(axis), quote(&key.written));
        if key.pattern == ["seed"] && self.sweep.seeds.is_some() {
            let message = "`when` looks at `seed`, and `sweep.seeds` varies below all axes";
            return self.collector.report(key.span, message, None);
        }
        if self.sets(index, condition) {
            let message = format!("`when` of {name} looks at {shown}, which this axis sets itself");
            return self.collector.report(key.span, message, None);
        }
        if let Some(below) = (index + 1..self.sweep.axes.len()).find(|below| self.sets(*below, condition)) {
            let below = &self.sweep.axes[below];
            let other = below.keys().next().map_or(key.span, |key| key.span);
            let message = format!("`when` of {name} looks at {shown}, which an axis below it sets");
            let label = match below.is_zip && !axis.is_zip {
                true => format!("`zip` comes below `grid`: move {name} into `zip`, below {}", self::name(below)),
                false => format!("move {} above {name}", self::name(below)),
            };
            return self.collector.report_both(key.span, message, Some(label), (other, "the axis below"));
        }
        let is_swept = (0..index).any(|above| self.sets(above, condition));
        if is_swept {
            return;
        }
        let paths = self.composer.paths(key, self.collector);
        if let Some((fault, span)) = self.composer.unknown_everywhere(&condition.whole, &paths) {
            return self.collector.report_fault(Some(span), &fault);
        }
        if key.pattern == PRESET {
            return self.check_preset(condition);
        }
        for (fault, span) in self.composer.misfits(condition, &paths) {
            self.collector.report_fault(Some(span), &fault);
        }
    }

    fn check_preset(&mut self, condition: &Condition) {
        let items = if condition.items.is_empty() { std::slice::from_ref(&condition.whole) } else { &condition.items };
        let presets = self.composer.bases.presets();
        for item in items {
            if let Value::String(name) = &item.value.json
                && !presets.contains(&name.as_str())
            {
                let label = suggest(name, presets.iter().copied());
                self.collector.report(item.value.node.span, format!("unknown preset {}", quote(name)), label);
            }
        }
    }

    /// A value that no combination has, although an axis above sets the setting.
    fn check_met(&mut self, index: usize, condition: &Condition, met: &Met) {
        let is_swept = (0..index).any(|above| self.sets(above, condition));
        if !is_swept || met.whole {
            return;
        }
        let items: Vec<&Choice> = match condition.items.is_empty() {
            true => vec![&condition.whole],
            false => condition.items.iter().zip(&met.items).filter(|(_, met)| !**met).map(|(item, _)| item).collect(),
        };
        let values: Vec<String> = met.values.iter().map(show).collect();
        for item in items {
            let wanted = show(&item.value.json);
            let message = format!("{} never has the value {}", quote(&item.key.written), quote(&wanted));
            let is_word = item.value.json.is_string();
            let label = match nearest(&wanted, values.iter().map(String::as_str)).filter(|_| is_word) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let more = if values.len() == MAX_REMEMBERED { ", ..." } else { "" };
                    let values: Vec<String> = values.iter().map(|value| quote(value)).collect();
                    format!("it has {}{more}", values.join(", "))
                }
            };
            self.collector.report(item.value.node.span, message, Some(label));
        }
    }

    /// Whether an axis sets what a condition looks at, or something around or in it.
    fn sets(&mut self, axis: usize, condition: &Condition) -> bool {
        let looked_at = self.composer.paths(condition.key(), self.collector);
        self.sweep.axes[axis].keys().any(|key| {
            let set = self.composer.paths(key, self.collector);
            set.iter().any(|set| {
                // `architecture` and its like decide what stands beside them.
                let reach = match set.split_last() {
                    Some((last, around)) if TAG_KEYS.contains(&last.as_str()) => around,
                    _ => set,
                };
                *set == PRESET || looked_at.iter().any(|path| path.starts_with(reach) || reach.starts_with(path))
            })
        })
    }
}

/// The axis as a message names it: by its first key.
fn name(axis: &Axis) -> String {
    axis.keys().next().map(|key| quote(&key.written)).unwrap_or_default()
}

/// A value as a message shows it.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
