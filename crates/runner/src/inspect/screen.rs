//! The runs of a sweep as lines of text: all of them, or as many as fit a terminal. Nothing is drawn here.

use crate::terminal;
use crate::text::{self, count, number, seconds, table};
use console::truncate_str;
use record::{Status, tag};
use report::{Row, SweepStatus};
use std::cmp::Reverse;

/// In the order in which totals name them.
const ALL: [Status; 8] = [
    Status::Done,
    Status::Diverged,
    Status::Collapsed,
    Status::Failed,
    Status::TimedOut,
    Status::Interrupted,
    Status::Running,
    Status::Queued,
];

/// Every run in plan order, then the totals.
pub(crate) fn whole(status: &SweepStatus) -> String {
    let rows: Vec<&Row> = status.runs.iter().collect();
    format!("{}\n{}", lines(&rows).join("\n"), totals(status))
}

/// At most `height` lines of at most `width` columns. Where not all runs have a line, those that are running come
/// first, then those that failed, then those that changed last; the totals count the others.
pub(crate) fn fitted(status: &SweepStatus, width: usize, height: usize) -> Vec<String> {
    // The heads and the totals take a line each.
    let room = height.saturating_sub(2);
    let mut rows: Vec<&Row> = status.runs.iter().collect();
    let mut totals = totals(status);
    if rows.len() > room {
        rows.sort_by_key(|row| urgency(row));
        totals += &format!(" ({} not shown)", rows.len() - room);
        rows.truncate(room);
    }
    let table = if room > 0 { lines(&rows) } else { Vec::new() };
    let fitted = table.into_iter().chain([totals]).map(|line| truncate_str(&line, width, "…").into_owned());
    fitted.take(height).collect()
}

/// `4 runs: 3 done, 1 running`.
fn totals(SweepStatus { sweep, runs }: &SweepStatus) -> String {
    let runs_of = |status: Status| runs.iter().filter(|run| run.status == status).count();
    let parts = ALL.iter().map(|status| (runs_of(*status), status)).filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, status)| format!("{number} {status}")).collect();
    format!("{}, {}: {}", terminal::line(sweep), count(runs.len(), "run"), parts.join(", "))
}

/// Runs that are running keep the order of the plan: they all change, and would change places.
fn urgency(row: &Row) -> (u8, Reverse<Option<u64>>) {
    match row.status {
        Status::Running => (0, Reverse(None)),
        status => {
            let failed = matches!(status, Status::Failed | Status::TimedOut);
            // Bits of positive numbers are in the order of the numbers.
            (if failed { 1 } else { 2 }, Reverse(row.updated_at.map(f64::to_bits)))
        }
    }
}

/// Evaluated quantities are those of the selected step, which stands before them; what is `last` is of the newest one.
fn lines(rows: &[&Row]) -> Vec<String> {
    let is_evaluated = |name: &&str| rows.iter().any(|row| row.metrics.contains_key(*name));
    let evaluated = metrics::quantities().filter(|quantity| quantity.in_tables).map(|quantity| quantity.name);
    let shown: Vec<&str> = evaluated.filter(is_evaluated).collect();
    let phases = tag::phases(rows.iter().flat_map(|row| row.metrics.keys()));
    let last = if shown.is_empty() { "" } else { "last " };
    let losses = phases.iter().map(|phase| format!("{last}{} loss", text::phase(phase)));
    let mut heads: Vec<String> = ["run", "status", "step", "seed"].map(str::to_owned).into();
    if let Some(first) = shown.first() {
        heads.push("at".to_owned());
        heads.extend(shown.iter().map(|name| (*name).to_owned()));
        heads.push(format!("last {first}"));
    }
    heads.extend(losses);
    heads.extend(["time", "note"].map(str::to_owned));
    let cells = |row: &&Row| {
        let last = |name: &str| row.metrics.get(name).map(|metric| number(metric.last)).unwrap_or_default();
        let mut cells =
            vec![row.id.clone(), row.status.to_string(), format!("{}/{}", row.step, row.steps), row.seed.to_string()];
        if let Some(first) = shown.first() {
            cells.push(row.selection.as_ref().map(|selection| selection.step.to_string()).unwrap_or_default());
            cells.extend(shown.iter().map(|name| selected(row, name)));
            cells.push(last(first));
        }
        cells.extend(phases.iter().map(|phase| last(&tag::loss(phase))));
        cells.push(if row.attempts > 0 { seconds(row.wall_secs) } else { String::new() });
        cells.push(remarks(row));
        cells
    };
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    table(&heads, &rows.iter().map(cells).collect::<Vec<_>>()).lines().map(str::to_owned).collect()
}

/// Why it did not end as `done`, what has trained it if that is a mixture, and what a person says of it.
fn remarks(row: &Row) -> String {
    let remarks = [&row.reason, &row.mixture, &row.note].into_iter().flatten().cloned();
    let tags = row.tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" ");
    remarks.chain((!tags.is_empty()).then_some(tags)).collect::<Vec<_>>().join("; ")
}

/// The value at the selected step, with its floor in brackets, if that is known: the value that real samples get.
fn selected(row: &Row, name: &str) -> String {
    let Some(value) = row.selected(name) else { return String::new() };
    let floor = row.metrics.get(name).and_then(|metric| metric.floor);
    number(value) + &floor.map(|floor| format!(" ({})", number(floor))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::measure_text_width;
    use record::{MetricSummary, Selection};
    use serde_json::Map;

    fn row(number: u64, status: Status, updated_at: Option<f64>) -> Row {
        let loss = MetricSummary::last(0.5, 1);
        let rates = ["discriminator", "generator"].map(tag::learning_rate);
        let recorded = [tag::loss("generator")].into_iter().chain(rates);
        Row {
            id: format!("mlp-s{number}"),
            status,
            step: number * 10,
            steps: 100,
            seed: number,
            overrides: Map::new(),
            device: None,
            attempts: u32::from(updated_at.is_some()),
            wall_secs: 71.2,
            weights_digest: None,
            reason: (status == Status::Failed).then(|| "its worker died: signal 9".to_owned()),
            note: None,
            tags: Vec::new(),
            metrics: updated_at.iter().flat_map(|_| recorded.clone().map(|name| (name, loss))).collect(),
            selection: None,
            numerics: Vec::new(),
            mixture: None,
            started_at: None,
            updated_at,
        }
    }

    fn status() -> SweepStatus {
        let mut runs = vec![
            row(0, Status::Done, Some(10.0)),
            row(1, Status::Failed, Some(20.0)),
            row(2, Status::Done, Some(30.0)),
            row(3, Status::Running, Some(40.0)),
            row(4, Status::Queued, None),
        ];
        (runs[1].note, runs[2].tags) = (Some("again with less memory".into()), vec!["best".into(), "paper".into()]);
        SweepStatus { sweep: "x".into(), runs }
    }

    fn shown(lines: &[String]) -> Vec<&str> {
        lines.iter().filter_map(|line| line.split_whitespace().next()?.strip_prefix("mlp-")).collect()
    }

    #[test]
    fn all_runs_stand_in_plan_order_over_the_totals() {
        insta::assert_snapshot!(whole(&status()), @r"
        run     status     step  seed  D loss  G loss  time  note
        mlp-s0  done      0/100     0          0.5000  71 s
        mlp-s1  failed   10/100     1          0.5000  71 s  its worker died: signal 9; again with less memory
        mlp-s2  done     20/100     2          0.5000  71 s  #best #paper
        mlp-s3  running  30/100     3          0.5000  71 s
        mlp-s4  queued   40/100     4
        x, 5 runs: 2 done, 1 failed, 1 running, 1 queued
        ");
    }

    #[test]
    fn quantities_of_the_selected_step_stand_beside_their_floors() {
        let mut status = status();
        status.runs.truncate(2);
        status.runs[1].note = None;
        let frechet = MetricSummary { floor: Some(2.25), ..MetricSummary::last(31.5, 10) };
        status.runs[1].metrics.insert("frechet".into(), frechet);
        status.runs[1].metrics.insert("density".into(), frechet);
        let values = [("frechet".to_owned(), 28.25), ("density".to_owned(), 0.5)].into();
        status.runs[1].selection = Some(Selection { step: 5, by: "frechet".into(), values });
        insta::assert_snapshot!(whole(&status), @r"
        run     status    step  seed  at        frechet  last frechet  last D loss  last G loss  time  note
        mlp-s0  done     0/100     0                                                     0.5000  71 s
        mlp-s1  failed  10/100     1   5  28.25 (2.250)         31.50                    0.5000  71 s  its worker died: signal 9
        x, 2 runs: 1 done, 1 failed
        ");
    }

    #[test]
    fn what_has_room_is_shown_as_it_is() {
        assert_eq!(fitted(&status(), 200, 7).join("\n"), whole(&status()));
    }

    #[test]
    fn what_matters_most_is_shown_where_room_is_short() {
        let check = |height, expected: &[&str], end: &str| {
            let lines = fitted(&status(), 200, height);
            assert!(lines.len() <= height, "{lines:?}");
            assert_eq!(shown(&lines), expected, "{height}");
            assert!(lines.last().is_none_or(|line| line.ends_with(end)), "{lines:?}");
        };
        check(6, &["s3", "s1", "s2", "s0"], "1 running, 1 queued (1 not shown)");
        check(4, &["s3", "s1"], "(3 not shown)");
        check(3, &["s3"], "(4 not shown)");
        check(2, &[], "(5 not shown)");
        check(1, &[], "(5 not shown)");
        check(0, &[], "");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [1, 5, 20, 80] {
            let lines = fitted(&status(), width, 10);
            assert!(lines.iter().all(|line| measure_text_width(line) <= width), "{width}: {lines:?}");
        }
        let lines = fitted(&status(), 20, 10);
        assert!(lines[2].ends_with('…'), "{lines:?}");
    }
}
