//! The page as text.

use crate::fixture::{Sweep, planned, png, run};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Event, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} after {from}")).0
}

fn island(html: &str) -> Value {
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
    // The last grid stands in the page, once; the others in the data.
    let encoded = |grey| STANDARD.encode(png(8, 6, grey));
    assert_eq!(data["runs"][0]["grids"], json!([[0, encoded(0)], [10, encoded(10)], [20, null]]));
    assert_eq!(html.matches(&encoded(20)).count(), 1);
}

#[test]
fn a_long_run_costs_no_more_than_a_short_one() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    for step in 1..=2_000 {
        attempt.scalars(step, &[("loss/generator", 1.0)]);
    }
    let curve = &island(&sweep.html())["runs"][0]["curves"]["0"];
    assert_eq!(floats(&curve["values"]), [1.0; 500]);
    assert_eq!(floats(&curve["range"][1]), [1.0; 500]);
}

#[test]
fn an_empty_plan_says_so() {
    let html = Sweep::of(vec![]).html();
    assert!(html.contains("The plan holds no runs."));
    assert!(html.contains("No run has recorded a value yet.") && html.contains("No sample grids were recorded."));
}

#[test]
fn a_sweep_that_has_not_begun_lists_its_runs() {
    let html = Sweep::of(vec![planned(1e-4, 0), planned(1e-2, 0)]).html();
    assert_eq!(html.matches(r#"<span class="status queued">queued</span>"#).count(), 2);
    assert!(html.contains("No run has recorded a value yet.") && html.contains("none yet"));
}

#[test]
fn nothing_but_nan_is_shown_as_such() {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    let mut attempt = sweep.start("lr1e-4-s0", 0);
    attempt.scalars(1, &[("loss/generator", f64::NAN), ("loss/discriminator", f64::NEG_INFINITY)]);
    let html = sweep.html();
    assert!(
        html.contains(r#"<td class="number lost">NaN</td>"#) && html.contains(r#"<td class="number lost">−∞</td>"#)
    );
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
    assert!(html.contains("lr1e-4-s0: the sample grid of step 0 is missing, and 3 more"));
    assert!(html.contains(r#"<span class="status done">done</span>"#));
}
