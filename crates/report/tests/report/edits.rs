//! Edits that a person kept of runs.

use crate::fixture::{Sweep, apng, planned, png, wav};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use record::{Edit, EditFile, EditPicture, Media, Status};
use report::Options;
use std::fs;

const RUN: &str = "lr1e-4-s0";

fn done() -> Sweep {
    let sweep = Sweep::of(vec![planned(1e-4, 0)]);
    sweep.attempt(RUN, 0, 30).end(Status::Done, None);
    sweep
}

fn picture(label: &str, note: &str, files: &[(&str, Media)]) -> EditPicture {
    let files = files.iter().map(|(stem, media)| EditFile::new(stem, *media)).collect();
    EditPicture { label: label.into(), note: note.into(), files, values: [("strength".to_owned(), 0.5)].into() }
}

fn edit(pictures: Vec<EditPicture>) -> Edit {
    Edit {
        run: None,
        step: 30,
        version: "1".into(),
        at: 0.0,
        command: ["edit", "lr1e-4", "apply", "--keep", "it's"].map(str::to_owned).into(),
        edit: "apply".into(),
        what: "2 deviations along sefa 3".into(),
        layout: "Before and after.".into(),
        note: String::new(),
        space: "latent".into(),
        method: Some("sefa".into()),
        amounts: vec![2.0],
        values: Default::default(),
        pictures,
    }
}

/// Keeps it with its files, whose contents are those of their media.
fn keep(sweep: &Sweep, name: &str, edit: &Edit) {
    let contents = |file: &EditFile| match file.file.rsplit_once('.') {
        Some((_, "apng")) => apng(7, 5, 3),
        Some((_, "wav")) => wav(3),
        _ => png(7, 5, 9),
    };
    let files: Vec<(String, Vec<u8>)> =
        edit.pictures.iter().flat_map(|of| &of.files).map(|file| (file.file.clone(), contents(file))).collect();
    let files: Vec<(String, &[u8])> = files.iter().map(|(name, bytes)| (name.clone(), &bytes[..])).collect();
    edit.keep(&sweep.folder.run(RUN), name, &files).unwrap();
}

#[test]
fn edits_have_a_part_of_the_page_with_their_pictures_captions_and_command() {
    let sweep = done();
    assert!(!sweep.html().contains("id=\"edits\""), "none are kept");
    let pictures = vec![
        picture("direction 0", "strength 0.5", &[("sefa-00", Media::Png)]),
        picture("film", "", &[("film", Media::Png), ("film", Media::Apng)]),
        picture("sound", "", &[("sound", Media::Png), ("sound", Media::Wav)]),
    ];
    keep(&sweep, "smile", &edit(pictures));
    let html = sweep.html();
    let part = html.split_once("<section id=\"edits\"").unwrap().1.split_once("</section>").unwrap().0;
    for text in [
        ">smile</h3>",
        "2 deviations along sefa 3; <span class=\"id\">lr1e-4-s0</span>, step 30. Before and after.",
        "<strong>direction 0</strong> strength 0.5",
        "<code>runner edit lr1e-4 apply --keep &#39;it&#39;\\&#39;&#39;s&#39;</code>",
        &format!("<img src=\"data:image/png;base64,{}\"", STANDARD.encode(png(7, 5, 9))),
        "<audio controls",
        "alt=\"smile of lr1e-4-s0: film\"",
    ] {
        assert!(part.contains(text), "{text} in {part}");
    }
    assert_eq!(part.matches("data:image/apng").count(), 1, "a film is shown without the picture of its frames");
    assert_eq!(part.matches("data:image/png").count(), 2);
    assert!(html.contains("<a href=\"#edits\">") && html.contains("media-src data:"));
    assert_eq!(html, sweep.html(), "built twice it is the same");
    assert!(report::is_current(&sweep.folder, &sweep.plan));
    std::thread::sleep(std::time::Duration::from_millis(20));
    keep(&sweep, "age", &edit(Vec::new()));
    assert!(!report::is_current(&sweep.folder, &sweep.plan), "another one was kept since");
}

#[test]
fn edits_beyond_the_budget_lie_beside_the_page() {
    let sweep = done();
    keep(&sweep, "smile", &edit(vec![picture("", "", &[("edit", Media::Png)])]));
    for _ in 0..2 {
        sweep.build_with(&Options { out: None, embed_budget: 0 }).unwrap();
        let html = fs::read_to_string(sweep.folder.page()).unwrap();
        assert!(html.contains("src=\"report-assets/lr1e-4-s0/edits/smile/edit.png\""));
        let beside = sweep.folder.assets().join("lr1e-4-s0/edits/smile/edit.png");
        assert_eq!(fs::read(beside).unwrap(), png(7, 5, 9));
    }
}

#[test]
fn a_damaged_edit_is_a_warning_and_hides_nothing_else() {
    let sweep = done();
    let good = edit(vec![picture("", "", &[("edit", Media::Png)])]);
    for name in ["cut", "good", "gone", "half", "link", "out"] {
        keep(&sweep, name, &good);
    }
    let edits = sweep.folder.run(RUN).edits();
    fs::write(edits.join("cut/edit.json"), "{").unwrap();
    fs::remove_file(edits.join("gone/edit.png")).unwrap();
    fs::write(edits.join("half/edit.png"), &png(7, 5, 9)[..40]).unwrap();
    fs::remove_file(edits.join("link/edit.png")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", edits.join("link/edit.png")).unwrap();
    let mut outside = good.clone();
    outside.pictures[0].files[0].file = "../../config.yaml".into();
    fs::write(edits.join("out/edit.json"), serde_json::to_vec(&outside).unwrap()).unwrap();
    fs::write(edits.join("notes.txt"), "mine").unwrap();
    let built = sweep.build();
    let warnings = built.warnings.join("\n");
    for text in [
        "edit cut: edit.json is damaged",
        "edit gone: the file \"edit.png\" is missing",
        "edit half: the file \"edit.png\" is cut short",
        "edit link: the file \"edit.png\" is a link or no file",
        "edit out: the file \"../../config.yaml\" is no plain name",
    ] {
        assert!(warnings.contains(text), "{text} in {warnings}");
    }
    assert_eq!(built.warnings.len(), 5, "{warnings}");
    let html = fs::read_to_string(sweep.folder.page()).unwrap();
    assert!(html.contains(">good</h3>") && html.contains("None of its pictures is there."));
}

#[test]
fn what_an_edit_says_is_only_text() {
    let sweep = done();
    let hostile = "</script><img src=x onerror=alert(1)>";
    let mut bad = edit(vec![picture(hostile, hostile, &[("edit", Media::Png)])]);
    (bad.what, bad.layout, bad.note, bad.edit) = (hostile.into(), hostile.into(), hostile.into(), hostile.into());
    bad.command = vec![hostile.into()];
    keep(&sweep, "x", &bad);
    let html = sweep.html();
    assert!(!html.contains("<img src=x") && html.matches("</script>").count() == 3);
}
