//! The page as text.

use crate::fixture::{Sweep, planned, png, run, samples};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Event, Histogram, Media, PlannedRun, Role, Status};
use report::{Options, ReportError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} after {from}")).0
}

pub(crate) fn island(html: &str) -> Value {
    serde_json::from_str(between(html, r#"id="data">"#, "</script>")).unwrap()
}

fn floats(base64: &Value) -> Vec<f32> {
    let bytes = STANDARD.decode(base64.as_str().unwrap()).unwrap();
    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

#[test]
fn the_table_tells_every_run_without_a_script() {
    let html = Sweep::mixed().html();
    insta::assert_snapshot!(format!("<thead>{}</tbody>", between(&html, "<thead>", "</tbody>")));
}

#[test]
fn the_header_counts_runs_and_time() {
    let html = Sweep::mixed().html();
    insta::assert_snapshot!(between(&html, r#"<header id="top">"#, "</header>"));
}

#[test]
fn the_policy_admits_the_inline_script_and_style_and_nothing_else() {
    let html = Sweep::mixed().html();
    let policy = between(&html, r#"Content-Security-Policy" content=""#, "\"");
    let mut expected = vec![format!("style-src {}", hash(between(&html, "<style>", "</style>")))];
    let scripts: Vec<String> =
        html.split("<script>").skip(1).map(|rest| hash(rest.split_once("</script>").unwrap().0)).collect();
    assert_eq!(scripts.len(), 2);
    expected.push(format!("script-src {}", scripts.join(" ")));
    let directives: Vec<&str> = policy.split("; ").collect();
    for directive in expected {
        assert!(directives.contains(&directive.as_str()), "{directive} in {policy}");
    }
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    for attribute in [" style=", " onclick=", " src=\"http", " href=\"http"] {
        let markup = html.split("<script").next().unwrap();
        assert!(!markup.contains(attribute), "{attribute}");
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[test]
fn hostile_names_are_only_text() {
    let hostile = r#""'></script></style><script>alert(1)</script><img src=x onerror=alert(1)>&lt;"#;
    let id = "<b id=run onclick=x>'\"";
    let runs = [run(id, 0, json!({hostile: hostile})), run("other", 1, json!({hostile: 1}))];
    let sweep = Sweep::named(hostile, hostile, runs.into());
    let mut attempt = sweep.start(id, 0);
    attempt.scalars(1, &[(hostile, 1.0)]);
    attempt.append(Event::Warning { message: hostile.into(), at: 0.0 });
    attempt.end(Status::Failed, Some(hostile));
    let html = sweep.html();
    for markup in ["<script>alert", "<img src=x", "<b id=run", "</style><script"] {
        assert!(!html.contains(markup), "{markup}");
    }
    assert_eq!(html.matches("</script>").count(), 3);
    assert_eq!(island(&html)["tags"][0], hostile);
    assert_eq!(island(&html)["runs"][0]["id"], id);
}

#[test]
fn curves_and_grids_reach_the_script() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-4, 1)]);
    sweep.attempt("lr1e-4-s0", 0, 20);
    let mut attempt = sweep.start("lr1e-4-s1", 0);
    attempt.scalars(5, &[("loss/generator", f64::NAN)]);
    attempt.end(Status::Diverged, None);
    let html = sweep.html();
    let data = island(&html);
    assert_eq!(data["tags"], json!(["loss/generator", "loss/discriminator"]));
    let curve = &data["runs"][0]["curves"]["0"];
    assert_eq!(data["steps"][curve["steps"].as_u64().unwrap() as usize], json!([5, 10, 15, 20]));
    assert_eq!(floats(&curve["values"]), [1.125, 1.75, 2.375, 3.0]);
    assert!(floats(&data["runs"][1]["curves"]["0"]["values"])[0].is_nan());
    // The last picture stands in the page, once; the others in the data.
    let encoded = |grey| STANDARD.encode(png(8, 6, grey));
    let file = |grey| json!([{"media": 0, "base64": encoded(grey)}]);
    assert_eq!(data["runs"][0]["shown"], json!({"samples": [[0, file(0)], [10, file(10)], [20, [{"media": 0}]]]}));
    assert_eq!(data["media"], json!(["image/png"]));
    assert_eq!(html.matches(&encoded(20)).count(), 1);
}

#[test]
fn a_long_run_costs_no_more_than_a_short_one() {
    let sweep = Sweep::of(vec![PlannedRun { steps: 2_000, ..planned(1e-4, 0) }]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    for step in 1..=2_000 {
        attempt.scalars(step, &[("loss/generator", 1.0)]);
    }
    let curve = &island(&sweep.html())["runs"][0]["curves"]["0"];
    assert_eq!(floats(&curve["values"]), [1.0; 400]);
    assert_eq!(floats(&curve["range"][1]), [1.0; 400]);
}

#[test]
fn an_empty_plan_says_so() {
    let html = Sweep::of(vec![]).html();
    assert!(html.contains("The plan holds no runs."));
    assert!(html.contains("No run has recorded a value yet.") && html.contains("No samples were recorded."));
}

#[test]
fn a_sweep_that_has_not_begun_lists_its_runs() {
    let html = Sweep::of(vec![planned(1e-4, 0), planned(1e-2, 0)]).html();
    assert_eq!(html.matches(r#"<span class="status queued">queued</span>"#).count(), 2);
    assert!(html.contains("No run has recorded a value yet.") && html.contains("none yet"));
}

/// Not the number of those of which an evaluation was tried.
#[test]
fn runs_with_a_value_are_counted_as_evaluated() {
    let sweep = Sweep::of([1e-4, 1e-3, 1e-2].map(|lr| planned(lr, 0)).into());
    for (id, values, status) in [
        ("lr1e-4-s0", &[("frechet", 3.0)][..], Status::Done),
        ("lr1e-3-s0", &[("frechet", 4.0)], Status::Diverged),
        ("lr1e-2-s0", &[], Status::Done),
    ] {
        let mut attempt = sweep.attempt(id, 0, 30);
        attempt.evaluation(30, "test", values);
        attempt.end(status, None);
    }
    let html = sweep.html();
    assert!(html.contains("2 of 3 runs evaluated"));
    for verdict in ["1 diverged", "1 done without a value"] {
        assert!(html.contains(&format!(r#"<td class="word">{verdict}</td>"#)), "{verdict}");
    }
}

#[test]
fn a_seed_that_a_script_would_round_is_text() {
    let seed = (1 << 53) + 1;
    let sweep = Sweep::of(vec![run("a", seed, json!({"size": u64::MAX}))]);
    let data = island(&sweep.html());
    let digits = json!({"$int": "9007199254740993"});
    assert_eq!((&data["runs"][0]["seed"], &data["config"]["seed"]), (&digits, &digits));
    assert_eq!(data["config"]["train.settings.size"], json!({"$int": u64::MAX.to_string()}));
}

/// Two settings with three seeds; the one with the larger rate is better where it lasts.
fn evaluated() -> Sweep {
    let sweep = Sweep::of([1e-4, 1e-2].into_iter().flat_map(|lr| (0..3).map(move |seed| planned(lr, seed))).collect());
    for (id, score) in [("lr1e-4-s0", 9.0), ("lr1e-4-s1", 8.0), ("lr1e-4-s2", 10.0)] {
        let mut attempt = sweep.attempt(id, 0, 20);
        attempt.evaluation(20, "train", &[("frechet", score), ("kid", 0.5)]);
        attempt.end(Status::Done, None);
    }
    for (id, score) in [("lr1e-2-s0", 4.0), ("lr1e-2-s1", 5.0)] {
        let mut attempt = sweep.attempt(id, 0, 20);
        attempt.evaluation(10, "train", &[("frechet", score)]);
        attempt.evaluation(20, "train", &[("frechet", 77.0)]);
        attempt.end(Status::Done, None);
    }
    sweep.attempt("lr1e-2-s2", 0, 10).end(Status::Diverged, Some("the generator's loss is not a number"));
    sweep
}

#[test]
fn configurations_are_ranked_and_those_that_lost_a_seed_come_last() {
    let html = evaluated().html();
    insta::assert_snapshot!(between(&html, "<section id=\"statistics\"", "</table>"));
}

#[test]
fn the_best_step_counts_in_the_table_and_diverged_runs_are_worst_in_the_importance() {
    let html = evaluated().html();
    let data = island(&html);
    let at = |key: &str| data["measures"].as_array().unwrap().iter().position(|measure| measure["key"] == key).unwrap();
    assert_eq!((at("frechet"), data["measures"][0]["direction"].as_str()), (0, Some("lower")));
    assert_eq!(data["runs"][3]["values"][at("frechet")], 4.0);
    assert_eq!(data["runs"][3]["values"][at("frechet/last")], 77.0);
    assert_eq!(data["importance"], json!({}), "six runs are too few");
    assert_eq!(data["budget"][0]["values"].as_array().unwrap().len(), 5);
}

/// Three seeds: the second is as good as the best, the third is worse, and of the last nothing is left.
#[test]
fn a_difference_is_claimed_where_it_is_shown_and_lost_runs_rank_last() {
    let scores = [(1e-4, [5.0, 6.0, 7.0]), (1e-3, [5.1, 5.9, 7.2]), (1e-2, [9.0, 10.0, 11.5]), (1e-1, [0.1; 3])];
    let sweep = Sweep::of(scores.iter().flat_map(|(lr, _)| (0..3).map(|seed| planned(*lr, seed))).collect());
    for (lr, scores) in scores {
        for (seed, score) in scores.into_iter().enumerate() {
            let mut attempt = sweep.start(&format!("lr{lr:e}-s{seed}"), 0);
            attempt.evaluation(10, "train", &[("frechet", score)]);
            let status = if lr < 1e-1 { Status::Done } else { [Status::Diverged, Status::Collapsed][seed % 2] };
            attempt.end(status, None);
        }
    }
    let built = sweep.build();
    let html = fs::read_to_string(&built.page).unwrap();
    let verdicts: Vec<&str> = between(&html, "<section id=\"statistics\"", "</table>")
        .split(r#"<td class="word">"#)
        .skip(1)
        .map(|rest| rest.split_once('<').unwrap().0)
        .collect();
    assert_eq!(verdicts, ["", "no difference from lr 1e-4 shown: add seeds", "worse", "2 diverged, 1 collapsed"]);
    let verdict = "no difference from lr 1e-3 shown: add seeds";
    assert!(between(&html, r#"<header id="top">"#, "</header>").contains(verdict));
    let markdown = report::markdown(std::slice::from_ref(&sweep.folder)).unwrap();
    assert!(markdown.contains(&format!("lr 1e-4: {verdict}.")), "{markdown}");
    assert!(markdown.contains("| lr 1e-1 | – | 0 of 3 |  |  |  | 2 diverged, 1 collapsed |"), "{markdown}");

    let board = built.leaderboard.unwrap();
    assert_eq!(Some(&board), report::leaderboard(&sweep.folder).unwrap().as_ref());
    let places: Vec<_> = board.configurations.iter().map(|found| (found.label.as_str(), found.mean)).collect();
    assert_eq!(places[..2], [("lr 1e-4", 6.0), ("lr 1e-3", (5.1 + 5.9 + 7.2) / 3.0)]);
    assert_eq!((places.len(), board.of, board.floor, board.verdict.as_str()), (3, 4, Some(1.0), verdict));
}

#[test]
fn of_one_seed_no_difference_is_shown() {
    let sweep = Sweep::of([1e-4, 1e-3, 1e-2].map(|lr| planned(lr, 0)).into());
    for (id, score) in [("lr1e-4-s0", 50.0), ("lr1e-3-s0", 1.0), ("lr1e-2-s0", 99.0)] {
        let mut attempt = sweep.start(id, 0);
        attempt.evaluation(10, "train", &[("frechet", score)]);
        attempt.end(Status::Done, None);
    }
    let board = report::leaderboard(&sweep.folder).unwrap().unwrap();
    assert_eq!(board.verdict, "no difference from lr 1e-4 and 1 more shown: add seeds");
    assert_eq!(board.configurations[0].seeds, "1 of 1 seed, step 10");
}

#[test]
fn translations_stand_beside_what_needs_no_network() {
    let sweep = Sweep::of([1e-4, 1e-2].map(|lr| planned(lr, 0)).into());
    for (id, l1) in [("lr1e-4-s0", 0.125), ("lr1e-2-s0", 0.5)] {
        let mut attempt = sweep.start(id, 0);
        attempt.translation(10, &[("pair_l1", l1), ("partner_rank", l1 / 2.0)], 0.25);
        attempt.end(Status::Done, None);
    }
    let built = sweep.build();
    let html = fs::read_to_string(&built.page).unwrap();
    let table = between(&html, r#"<table class="plain" id="baselines">"#, "</table>");
    let rows = table.split("<tr>").skip(2).map(|row| {
        let cells = row.split("<td>").skip(1).map(|cell| cell.split_once('<').unwrap().0.to_owned());
        cells.collect::<Vec<String>>()
    });
    assert!(table.contains("pair l1 ↓") && table.contains("copy of the input"), "{table}");
    let value = |row: Vec<String>| row.into_iter().map(|cell| cell.parse::<f64>().unwrap()).collect::<Vec<_>>();
    assert_eq!(rows.map(value).collect::<Vec<_>>(), [[0.125, 0.0625], [0.5, 0.25], [0.25, 0.25]]);
    let board = built.leaderboard.unwrap();
    assert_eq!(board.baselines, [("copy".to_owned(), 0.25)].into());
    assert_eq!(board.baseline_texts[0][0], "copy of the input");
    assert!(!evaluated().html().contains(r#"id="baselines""#));
}

#[test]
fn without_evaluations_nothing_is_ranked() {
    let html = Sweep::mixed().html();
    assert!(html.contains("nothing is ranked") && html.contains("so there is nothing to compare configurations by"));
    assert_eq!(island(&html)["budget"], json!([]));
}

#[test]
fn pictures_beyond_the_budget_lie_beside_the_page_and_the_policy_lets_them_in() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 30);
    attempt.picture(Role::INTERPOLATION, 30, &png(8, 8, 99));
    attempt.end(Status::Done, None);
    sweep.build_with(&Options { embed_budget: 0, ..Options::default() }).unwrap();
    let html = fs::read_to_string(sweep.folder.page()).unwrap();
    let run = &island(&html)["runs"][0];
    let file = |name: &str| json!([{"media": 0, "url": format!("report-assets/lr1e-4-s0/{name}.png")}]);
    assert_eq!(run["shown"]["samples"][1], json!([10, file("step-000010")]));
    assert_eq!(run["shown"]["interpolation"], json!([[30, file("interpolation")]]));
    assert!(html.contains(r#"<img src="report-assets/lr1e-4-s0/step-000030.png""#) && !html.contains(r#"src="data:"#));
    assert!(
        html.contains("img-src data: 'self' file:;")
            && html.contains("5 of 5 pictures and sounds are not in this file")
    );
    let asset = sweep.folder.path().join("report-assets/lr1e-4-s0/step-000010.png");
    assert_eq!(fs::read(&asset).unwrap(), png(8, 6, 10));
    assert!(sweep.html().contains("img-src data:;"));
    assert!(!sweep.folder.assets().exists(), "nothing needs it any more");
}

#[test]
fn real_samples_stand_once_for_all_runs_on_the_same_data() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-4, 1), planned(1e-2, 0)]);
    for (id, grey) in [("lr1e-4-s0", 1), ("lr1e-4-s1", 1), ("lr1e-2-s0", 2)] {
        let mut attempt = sweep.attempt(id, 0, 10);
        attempt.picture(Role::REAL, 0, &png(8, 6, 200 + grey));
        attempt.picture(Role::NEIGHBOURS, 10, &png(8, 12, 50 + grey));
    }
    let html = sweep.html();
    let count = |grey| html.matches(&STANDARD.encode(png(8, 6, grey))).count();
    assert_eq!([count(201), count(202)], [1, 1]);
    let neighbours = json!([[10, [{"media": 0, "base64": STANDARD.encode(png(8, 12, 52))}]]]);
    assert_eq!(island(&html)["runs"][2]["shown"]["neighbours"], neighbours);
    assert_eq!(html.matches(r#"<option value="neighbours">"#).count(), 1);
}

#[test]
fn logits_times_and_floors_reach_the_script() {
    let sweep = Sweep::of(vec![planned(1e-4, 0), planned(1e-4, 1)]);
    let mut attempt = sweep.attempt("lr1e-4-s0", 0, 30);
    let [real, fake] = [[1.0f32, 2.0, 2.0], [-3.0, -3.0, -3.0]].map(|logits| Histogram::of(&logits).unwrap());
    for step in 1..=30 {
        attempt.histograms(step, &[("logits/real", &real), ("logits/fake", &fake), ("weights/x", &real)]);
    }
    attempt.evaluation(30, "test", &[("frechet", 4.0)]);
    attempt.append(Event::Times { secs: [("data".to_owned(), 2.5)].into(), at: 0.0 });
    attempt.append(Event::Times { secs: [("data".to_owned(), 0.5)].into(), at: 0.0 });
    let data = island(&sweep.html());
    let logits = data["runs"][0]["logits"].as_array().unwrap();
    let steps: Vec<u64> = logits.iter().map(|pair| pair[0].as_u64().unwrap()).collect();
    assert_eq!((steps.len(), steps[0], steps[9]), (10, 1, 30), "ten of thirty");
    assert_eq!(logits[0][1], json!([[1.0, 2.0, STANDARD.encode([128, 255])], [-3.0, -3.0, STANDARD.encode([255])]]));
    assert_eq!(data["runs"][0]["times"], json!({"data": 3.0}));
    assert_eq!((&data["runs"][1]["logits"], &data["runs"][1]["times"]), (&json!([]), &json!({})));
    let tag = data["tags"].as_array().unwrap().iter().position(|tag| tag == "test/frechet").unwrap();
    assert_eq!(data["floors"], json!({tag.to_string(): 1.0}));
}

#[test]
fn the_spread_of_samples_is_a_curve() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    for (step, spread) in [(10, Some(0.5)), (20, None), (30, Some(0.25))] {
        let file = Role::SAMPLES.file(Some(step), None, Media::Png);
        fs::write(attempt.folder.path().join(&file), png(8, 6, 0)).unwrap();
        attempt.append(samples(step, &file, spread));
    }
    let data = island(&sweep.html());
    assert_eq!(data["tags"], json!(["samples/spread"]));
    assert_eq!(floats(&data["runs"][0]["curves"]["0"]["values"]), [0.5, 0.25]);
}

#[test]
fn several_sweeps_stand_side_by_side() {
    let [one, other] = [1e-4, 1e-2].map(|lr| {
        let sweep = Sweep::of(vec![planned(lr, 0)]);
        sweep.attempt(&sweep.plan.runs[0].id, 0, 20).end(Status::Done, None);
        sweep
    });
    let folders = [one.folder.clone(), other.folder.clone()];
    let error = report::build(&folders, &Options::default()).unwrap_err();
    assert!(matches!(error, ReportError::NoPlace), "{error}");
    let out = tempfile::tempdir().unwrap();
    let options = Options { out: Some(out.path().join("both")), ..Options::default() };
    let built = report::build(&folders, &options).unwrap();
    assert_eq!(built.runs, 2);
    let data = island(&fs::read_to_string(&built.page).unwrap());
    assert_eq!([&data["runs"][0]["id"], &data["runs"][1]["id"]], ["lr/lr1e-4-s0", "lr-2/lr1e-2-s0"]);
    assert_eq!([&data["settings"][0]["key"], &data["settings"][1]["key"]], ["sweep", "train.*.lr"]);
    assert!(built.tensorboard.join("lr-2/lr1e-2-s0").is_dir());
}

#[test]
fn a_table_for_a_pull_request() {
    insta::assert_snapshot!(report::markdown(std::slice::from_ref(&evaluated().folder)).unwrap());
    insta::assert_snapshot!(report::markdown(std::slice::from_ref(&Sweep::mixed().folder)).unwrap());
}

#[test]
fn nothing_but_nan_is_shown_as_such() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.scalars(1, &[("loss/generator", f64::NAN), ("loss/discriminator", f64::NEG_INFINITY)]);
    let html = sweep.html();
    assert!(html.contains(r#"<td class="lost">NaN</td>"#) && html.contains(r#"<td class="lost">−∞</td>"#));
}

#[test]
fn a_record_that_is_cut_in_a_line_is_told_up_to_there() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 20);
    let path = sweep.folder.run("lr1e-4-s0").events(1);
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(br#"{"event":"scalars","step":25,"va"#).unwrap();
    assert!(sweep.html().contains("step 20 of 30"));
}

#[test]
fn a_half_copied_run_is_told_as_far_as_it_goes() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt("lr1e-4-s0", 0, 30).end(Status::Done, None);
    let folder = sweep.folder.run("lr1e-4-s0");
    fs::write(folder.provenance(), "{\"version\": \"0.1").unwrap();
    fs::remove_dir_all(folder.samples()).unwrap();
    let html = sweep.html();
    assert!(html.contains("lr1e-4-s0: provenance.json is damaged"));
    assert!(html.contains("lr1e-4-s0: samples of step 0: the file is missing, and 3 more"));
    assert!(html.contains(r#"<span class="status done">done</span>"#));
}
