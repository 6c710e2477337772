//! The sweep as a table for a pull request.

use super::comparison::comparison;
use super::format::{decimals, duration, number};
use super::measure::{Measure, measures};
use crate::compare::{Configuration, Quantity, configurations, quantities, ranking, score};
use crate::run::RunView;
use crate::statistics::mean;
use crate::study::Study;
use record::Status;
use std::fmt::Write;

/// Scalars that the table has where nothing was evaluated.
const MAX_SCALARS: usize = 3;

/// A heading, a sentence and a table of the configurations, best first where they can be ranked.
pub(crate) fn markdown(study: &Study, views: &[RunView]) -> String {
    let configurations = configurations(views, &study.settings);
    let quantities = quantities(views);
    let ranking = ranking(views, &configurations, &quantities);
    let mut text = format!("### {}\n\n", plain(&study.name));
    if !study.description.trim().is_empty() {
        let _ = writeln!(text, "{}\n", plain(study.description.trim()));
    }
    let _ = writeln!(text, "{}.\n", sentence(views));
    match ranking {
        Some(ranking) => {
            let comparison = comparison(&ranking, &configurations);
            let floor = comparison.floor.map(|floor| format!(", floor {floor}")).unwrap_or_default();
            let _ =
                writeln!(text, "| configuration | {} | runs | worse than the best by | 95 % |", comparison.quantity);
            let _ = writeln!(text, "|---|---:|---:|---:|---:|");
            for line in &comparison.lines {
                let mean = [line.mean.as_str(), line.half.as_str()].join(" ");
                let cells = [&line.label, mean.trim(), &line.counted, &line.difference, &line.interval];
                let _ = writeln!(text, "| {} |", cells.map(plain).join(" | "));
            }
            let _ =
                writeln!(text, "\nMean ± 95 % interval over seeds at the best step; {}{floor}.", comparison.measured);
            text.push_str(&evaluated(views, &configurations, &quantities));
        }
        None => text.push_str(&unranked(views, &configurations)),
    }
    text
}

/// `27 runs, 24 done, 3 diverged; 1 min 20 s of training`
fn sentence(views: &[RunView]) -> String {
    let secs = views.iter().map(|view| view.row.wall_secs).sum();
    let runs = if views.len() == 1 { "run" } else { "runs" };
    format!("{} {runs}, {}; {} of training", views.len(), statuses(views.iter()), duration(secs))
}

/// `24 done, 3 diverged`
fn statuses<'a>(views: impl Iterator<Item = &'a RunView<'a>>) -> String {
    let mut statuses: Vec<Status> = views.map(|view| view.row.status).collect();
    statuses.sort_unstable();
    let counts = statuses.chunk_by(|a, b| a == b).map(|same| format!("{} {}", same.len(), same[0]));
    counts.collect::<Vec<_>>().join(", ")
}

/// Every quantity of every configuration, those that cannot be ranked as well, and what real samples get.
fn evaluated(views: &[RunView], configurations: &[Configuration], quantities: &[Quantity]) -> String {
    let heads: String = quantities.iter().map(|q| format!(" {} {} |", plain(&q.name), q.arrow())).collect();
    let mut rows: Vec<String> = configurations
        .iter()
        .map(|configuration| {
            let runs = configuration.runs.iter().map(|run| &views[*run]);
            format!("| {} | {} |", plain(&configuration.label), statuses(runs))
        })
        .collect();
    rows.push("| real samples | |".into());
    for quantity in quantities {
        let mean_of = |configuration: &Configuration| {
            let scores: Vec<f64> = configuration.runs.iter().filter_map(|run| score(&views[*run], quantity)).collect();
            mean(&scores).map(|mean| mean.mean)
        };
        let mut values: Vec<Option<f64>> = configurations.iter().map(mean_of).collect();
        values.push(quantity.floor);
        let decimals = decimals(values.iter().copied().flatten());
        for (row, value) in rows.iter_mut().zip(values) {
            let _ = write!(row, " {} |", value.map_or_else(|| "–".into(), |value| number(value, decimals)));
        }
    }
    let rule = "---:|".repeat(quantities.len());
    format!(
        "\n| configuration | runs |{heads}\n|---|---|{rule}\n{}\n\nMeans over runs that are done.\n",
        rows.join("\n")
    )
}

fn unranked(views: &[RunView], configurations: &[Configuration]) -> String {
    let measures = measures(views, &[]);
    let shown: Vec<&Measure> = measures.iter().filter(|measure| !measure.is_extra).take(MAX_SCALARS).collect();
    let heads: String = shown.iter().map(|measure| format!(" {} |", plain(&measure.key))).collect();
    let mut text = format!("| configuration | done |{heads}\n|---|---:|{}\n", "---:|".repeat(shown.len()));
    for configuration in configurations {
        let runs = &configuration.runs;
        let done = runs.iter().filter(|run| views[**run].row.status == Status::Done);
        let _ = write!(text, "| {} | {} of {} |", plain(&configuration.label), done.clone().count(), runs.len());
        for measure in &shown {
            let values: Vec<f64> = done.clone().filter_map(|run| measure.values[*run]).collect();
            let decimals = decimals(measure.values.iter().copied().flatten());
            let value = mean(&values).map_or_else(|| "–".into(), |mean| number(mean.mean, decimals));
            let _ = write!(text, " {value} |");
        }
        text.push('\n');
    }
    text.push_str("\nMeans over runs that are done. No run was evaluated: losses do not rank configurations.\n");
    text
}

/// One line in which nothing is markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for char in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match char {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '@' => plain.extend(['\\', char]),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(plain("a|b\n# <b> @me [x](y) `z`"), r"a\|b \# &lt;b> \@me \[x\](y) \`z\`");
    }
}
