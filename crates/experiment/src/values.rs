//! The values of an axis: a list, or numbers from end to end; and the `when` beside them.

use serde_json::{Number, Value};

use crate::names::{quote, suggest};
use crate::node::{Data, Entry, Node};
use crate::problem::Collector;
use crate::source::Span;
use crate::when::{self, Condition, WHEN};

/// Values that one axis may have.
pub(crate) const MAX_VALUES: usize = 100_000;
/// `1e-5` to `1e-2` in 4 is `1e-5, 1e-4, 1e-3, 1e-2` to the last digit that is shown.
const DIGITS: usize = 12;

/// The forms of an axis that is a map: `when` may stand beside each.
const FORMS: [&str; 4] = [VALUES, "linspace", "logspace", "range"];
const VALUES: &str = "values";

/// One value of an axis and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct AxisValue {
    pub node: Node,
    pub json: Value,
}

impl AxisValue {
    pub(crate) fn new(node: Node) -> Self {
        let json = node.to_json();
        AxisValue { node, json }
    }
}

/// What an axis is made of.
#[derive(Debug)]
pub(crate) struct Values {
    pub values: Vec<AxisValue>,
    pub when: Vec<Condition>,
    /// The place of `when`.
    pub when_span: Option<Span>,
}

/// The values of the axis `key`; `None` if there are none or something is wrong, and then that was reported.
pub(crate) fn read(key: &str, node: &Node, collector: &mut Collector) -> Option<Values> {
    match &node.data {
        Data::List(_) => {
            let values = list(key, node, collector)?;
            Some(Values { values, when: Vec::new(), when_span: None })
        }
        Data::Map(entries) => {
            let stated = entries.iter().find(|entry| *entry.key == *WHEN);
            let when = stated.map(|entry| when::read(key, &entry.value, collector));
            let values = form(key, node, entries, collector)?;
            Some(Values {
                values,
                when: when.unwrap_or_else(|| Some(Vec::new()))?,
                when_span: stated.map(|e| e.key_span),
            })
        }
        _ => {
            let message = format!("the axis {} must be a list, not {}", quote(key), node.kind());
            let label = "write `[...]` even for one value".to_owned();
            collector.report(node.span, message, Some(label));
            None
        }
    }
}

fn list(key: &str, node: &Node, collector: &mut Collector) -> Option<Vec<AxisValue>> {
    match node.items() {
        Some([]) => {
            let message = format!("the axis {} has no values", quote(key));
            collector.report(node.span, message, None);
            None
        }
        Some(items) => Some(items.iter().cloned().map(AxisValue::new).collect()),
        None => {
            let message = format!("`{VALUES}` of {} must be a list, not {}", quote(key), node.kind());
            collector.report(node.span, message, None);
            None
        }
    }
}

/// The one form among the entries of a map.
fn form(key: &str, node: &Node, entries: &[Entry], collector: &mut Collector) -> Option<Vec<AxisValue>> {
    let faults = collector.count();
    let known = FORMS.into_iter().chain([WHEN]);
    for entry in entries.iter().filter(|entry| known.clone().all(|known| *known != *entry.key)) {
        let message = format!("unknown key {} in the axis {}", quote(&entry.key), quote(key));
        collector.report(entry.key_span, message, suggest(&entry.key, known.clone()));
    }
    if collector.count() > faults {
        return None;
    }
    let mut forms = entries.iter().filter(|entry| *entry.key != *WHEN);
    let Some(entry) = forms.next() else {
        let names = FORMS.map(quote).join(", ");
        let message = format!("the axis {} must be a list or have one of {names}", quote(key));
        collector.report(node.span, message, None);
        return None;
    };
    if let Some(second) = forms.next() {
        let message = format!("the axis {} has both {} and {}", quote(key), quote(&entry.key), quote(&second.key));
        let label = Some("keep one of them".to_owned());
        collector.report_both(second.key_span, message, label, (entry.key_span, "the other one"));
        return None;
    }
    match &*entry.key {
        VALUES => list(key, &entry.value, collector),
        name => generate(name, entry, collector),
    }
}

fn generate(name: &str, entry: &Entry, collector: &mut Collector) -> Option<Vec<AxisValue>> {
    let numbers = match three_numbers(&entry.value) {
        Some(numbers) => numbers,
        None => {
            let last = if name == "range" { "step" } else { "n" };
            let message = format!("`{name}` must be a list of three numbers: [from, to, {last}]");
            collector.report(entry.value.span, message, None);
            return None;
        }
    };
    let generated = match name {
        "linspace" => linspace(&numbers),
        "logspace" => logspace(&numbers),
        _ => range(&numbers),
    };
    match generated {
        Ok(values) => Some(as_nodes(&values, &numbers, &entry.value)),
        Err(reason) => {
            collector.report(entry.value.span, format!("`{name}` {reason}"), None);
            None
        }
    }
}

/// Three numbers as YAML wrote them.
struct Three {
    from: f64,
    to: f64,
    last: f64,
    /// Written without a decimal point: then whole results are whole numbers, which a count needs.
    is_whole: bool,
}

fn three_numbers(node: &Node) -> Option<Three> {
    let numbers: Vec<&Number> = node
        .items()?
        .iter()
        .filter_map(|item| match &item.data {
            Data::Number(number) => Some(number),
            _ => None,
        })
        .collect();
    let [from, to, last] = numbers[..] else {
        return None;
    };
    if node.items()?.len() != 3 {
        return None;
    }
    Some(Three {
        from: from.as_f64()?,
        to: to.as_f64()?,
        last: last.as_f64()?,
        is_whole: !from.is_f64() && !to.is_f64(),
    })
}

/// `n` values at equal distances, both ends included.
fn linspace(numbers: &Three) -> Result<Vec<f64>, String> {
    let count = count(numbers)?;
    let Three { from, to, .. } = numbers;
    Ok(at_fractions(count, |fraction| from * (1.0 - fraction) + to * fraction))
}

/// `n` values at equal ratios, both ends included; the ends are the values themselves, not exponents.
fn logspace(numbers: &Three) -> Result<Vec<f64>, String> {
    let count = count(numbers)?;
    let Three { from, to, .. } = numbers;
    if *from <= 0.0 || *to <= 0.0 {
        return Err("needs ends above 0: they are the values, not exponents".to_owned());
    }
    let (from, to) = (from.log10(), to.log10());
    Ok(at_fractions(count, |fraction| 10f64.powf(from * (1.0 - fraction) + to * fraction)))
}

/// `from`, `from + step`, ... up to `to`, which is included if a step hits it.
fn range(numbers: &Three) -> Result<Vec<f64>, String> {
    let Three { from, to, last, .. } = numbers;
    if *last == 0.0 {
        return Err("needs a step other than 0".to_owned());
    }
    // A step that misses the end by rounding alone still hits it.
    let steps = ((to - from) / last * (1.0 + 1e-12)).floor();
    if steps < 0.0 {
        return Err("is empty: the step leads away from the end".to_owned());
    }
    if steps >= MAX_VALUES as f64 {
        return Err(format!("has more than {MAX_VALUES} values"));
    }
    Ok((0..=steps as usize).map(|index| rounded(from + last * index as f64)).collect())
}

fn count(numbers: &Three) -> Result<usize, String> {
    let count = numbers.last;
    if count.fract() != 0.0 || count < 1.0 {
        return Err(format!("needs a whole number of values from 1, not `{count}`"));
    }
    if count > MAX_VALUES as f64 {
        return Err(format!("has more than {MAX_VALUES} values"));
    }
    Ok(count as usize)
}

fn at_fractions(count: usize, value: impl Fn(f64) -> f64) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|index| rounded(value(index as f64 / last))).collect()
}

fn rounded(value: f64) -> f64 {
    let precision = DIGITS - 1;
    format!("{value:.precision$e}").parse().unwrap_or(value)
}

fn as_nodes(values: &[f64], numbers: &Three, node: &Node) -> Vec<AxisValue> {
    let is_whole = |value: f64| numbers.is_whole && value.fract() == 0.0 && value.abs() < 9e15;
    values
        .iter()
        .map(|value| match is_whole(*value) {
            true => Number::from(*value as i64),
            false => Number::from_f64(*value).unwrap_or_else(|| Number::from(0)),
        })
        .map(|number| {
            let (span, data) = (node.span, Data::Number(number));
            AxisValue::new(Node { span, data })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use crate::yaml::{Start, parse};

    fn check(yaml: &str, expected: &str) {
        let mut collector = Collector::default();
        let text = collector.texts.add(Origin::Environment, yaml.to_owned());
        let node = parse(yaml, Start { text, column: 0 }, &mut collector).unwrap();
        let shown = match read("lr", &node, &mut collector) {
            Some(Values { values, .. }) => {
                let values: Vec<Value> = values.into_iter().map(|value| value.json).collect();
                serde_json::to_string(&values).unwrap()
            }
            None => {
                let problems = collector.into_problems();
                let messages: Vec<&str> = problems.iter().map(|problem| problem.summary.as_str()).collect();
                messages.join("; ")
            }
        };
        assert_eq!(shown, expected, "{yaml}");
    }

    #[test]
    fn an_axis_has_the_values_that_are_written() {
        for (yaml, expected) in [
            ("[1, a, null]", r#"[1,"a",null]"#),
            ("{logspace: [1.0e-5, 1.0e-2, 4]}", "[0.00001,0.0001,0.001,0.01]"),
            ("{logspace: [1, 1000, 4]}", "[1,10,100,1000]"),
            ("{logspace: [1, 10, 3]}", "[1,3.16227766017,10]"),
            ("{linspace: [0, 1, 5]}", "[0,0.25,0.5,0.75,1]"),
            ("{linspace: [0, 100, 3]}", "[0,50,100]"),
            ("{linspace: [0.0, 100, 3]}", "[0.0,50.0,100.0]"),
            ("{linspace: [0.1, 0.3, 3]}", "[0.1,0.2,0.3]"),
            ("{linspace: [7, 9, 1]}", "[7]"),
            ("{range: [0, 10, 5]}", "[0,5,10]"),
            ("{range: [0, 9, 5]}", "[0,5]"),
            ("{range: [0.1, 0.3, 0.1]}", "[0.1,0.2,0.3]"),
            ("{range: [3, 1, -1]}", "[3,2,1]"),
            ("{range: [1, 1, 1]}", "[1]"),
            ("{values: [1, a, null]}", r#"[1,"a",null]"#),
            ("{when: {a: 1}, linspace: [7, 9, 2]}", "[7,9]"),
        ] {
            check(yaml, expected);
        }
    }

    #[test]
    fn an_axis_without_values_is_reported() {
        for (yaml, expected) in [
            ("[]", "the axis `lr` has no values"),
            ("1e-4", "the axis `lr` must be a list, not the number `0.0001`"),
            ("{logspce: [1, 2, 3]}", "unknown key `logspce` in the axis `lr`"),
            ("{}", "the axis `lr` must be a list or have one of `values`, `linspace`, `logspace`, `range`"),
            ("{values: []}", "the axis `lr` has no values"),
            ("{values: 5}", "`values` of `lr` must be a list, not the number `5`"),
            ("{values: [1], range: [1, 2, 1]}", "the axis `lr` has both `values` and `range`"),
            ("{values: [1], wen: {a: 1}}", "unknown key `wen` in the axis `lr`"),
            ("{values: [1], when: 5}", "`when` of `lr` must be a map from keys to values, not the number `5`"),
            ("{values: [1], when: {}}", "`when` of `lr` has no condition"),
            ("{values: [1], when: {a.*: 1}}", "the key `a.*` must end with a name, not with `*`"),
            ("{logspace: [1, 2]}", "`logspace` must be a list of three numbers: [from, to, n]"),
            ("{range: [1, x, 2]}", "`range` must be a list of three numbers: [from, to, step]"),
            ("{logspace: [0, 1, 3]}", "`logspace` needs ends above 0: they are the values, not exponents"),
            ("{linspace: [0, 1, 0]}", "`linspace` needs a whole number of values from 1, not `0`"),
            ("{linspace: [0, 1, -2]}", "`linspace` needs a whole number of values from 1, not `-2`"),
            ("{linspace: [0, 1, 1.5]}", "`linspace` needs a whole number of values from 1, not `1.5`"),
            ("{linspace: [0, 1, 1e9]}", "`linspace` has more than 100000 values"),
            ("{range: [0, 1, 0]}", "`range` needs a step other than 0"),
            ("{range: [0, 1, -1]}", "`range` is empty: the step leads away from the end"),
            ("{range: [0, 1, 1e-9]}", "`range` has more than 100000 values"),
            ("{range: [-1e308, 1e308, 1]}", "`range` has more than 100000 values"),
            ("{linspace: [-1e308, 1e308, 3]}", "[-1e+308,0.0,1e+308]"),
        ] {
            check(yaml, expected);
        }
    }
}
