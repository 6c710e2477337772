//! The data that the script reads: JSON in a `<script>` that is never run.

use super::samples::Picture;
use super::view::RunView;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::Status;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Island<'a> {
    tags: &'a [String],
    /// Step lists; curves name theirs by index, as most share one.
    steps: Vec<&'a [u64]>,
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    status: Status,
    /// Ended before its last step: its curves end in a cross.
    cut: bool,
    dash: usize,
    /// By index of the tag.
    curves: BTreeMap<usize, Curve>,
    /// Step and PNG; the last one stands in the page itself.
    grids: Vec<(u64, Option<&'a str>)>,
}

/// Little-endian `f32` in base64: exact, and it carries NaN, which JSON cannot.
#[derive(Serialize)]
struct Curve {
    steps: usize,
    values: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[String; 2]>,
}

/// `dashes` gives each run's dash pattern.
pub(super) fn json(views: &[RunView], tags: &[String], dashes: &[usize], pictures: &[Vec<Picture>]) -> String {
    let mut steps: Vec<&[u64]> = Vec::new();
    let runs = views
        .iter()
        .enumerate()
        .map(|(i, view)| Run {
            id: &view.row.id,
            status: view.row.status,
            cut: matches!(
                view.row.status,
                Status::Diverged | Status::Collapsed | Status::Failed | Status::TimedOut | Status::Interrupted
            ),
            dash: dashes[i],
            curves: view
                .curves
                .iter()
                .filter_map(|curve| {
                    let tag = tags.iter().position(|tag| *tag == curve.tag)?;
                    let shared = steps.iter().position(|known| *known == curve.steps).unwrap_or_else(|| {
                        steps.push(&curve.steps);
                        steps.len() - 1
                    });
                    let range = curve.range.as_ref().map(|(least, greatest)| [floats(least), floats(greatest)]);
                    Some((tag, Curve { steps: shared, values: floats(&curve.values), range }))
                })
                .collect(),
            grids: pictures[i]
                .iter()
                .enumerate()
                .map(|(at, picture)| (picture.step, (at + 1 < pictures[i].len()).then_some(picture.base64.as_str())))
                .collect(),
        })
        .collect();
    escape(&serde_json::to_string(&Island { tags, steps, runs }).unwrap_or_else(|_| "null".into()))
}

/// No `</script>` and no `<!--` can come out of a string; JSON has `<` nowhere else.
fn escape(json: &str) -> String {
    json.replace('<', r"\u003c")
}

fn floats(values: &[f32]) -> String {
    STANDARD.encode(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_string_ends_the_element() {
        let escaped = escape(&serde_json::to_string("</script><!--<script>").unwrap());
        assert!(!escaped.contains('<'));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), "</script><!--<script>");
    }

    #[test]
    fn floats_are_exact() {
        assert_eq!(floats(&[1.0, f32::NAN]), STANDARD.encode([0, 0, 128, 63, 0, 0, 192, 127]));
    }
}
