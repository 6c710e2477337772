//! README, book and the other pages say what is true: links lead somewhere, commands exist, experiment files plan.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tests::Lab;

/// Programs of others that shell blocks may start.
const OTHERS: [&str; 6] = ["cargo", "mdbook", "pip", "python3", "ssh", "tensorboard"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every page, by its path below the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "results/README.md", "results/reference/README.md"]
            .map(PathBuf::from)
            .to_vec();
    let book = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    pages.extend(book.map(|name| Path::new("docs").join(name)).filter(|path| path.extension() == Some("md".as_ref())));
    pages.sort();
    pages
}

/// What of a page is checked.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    /// Anchors of its headings.
    anchors: BTreeSet<String>,
    /// Language and text of fenced blocks.
    blocks: Vec<(String, String)>,
    /// Code within lines.
    spans: Vec<String>,
}

impl Page {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let mut page = Self::default();
        let (mut heading, mut block) = (None::<String>, None::<(String, String)>);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().as_deref().map(anchor)),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    block = Some((language.to_string(), String::new()));
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Text(text) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&text));
                    block.iter_mut().for_each(|(_, block)| block.push_str(&text));
                }
                Event::Code(code) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&code));
                    page.spans.push(code.to_string());
                }
                _ => {}
            }
        }
        page
    }
}

/// The anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for path in pages() {
        for link in Page::read(&path).links.iter().filter(|link| !link.contains("://")) {
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let is_there = root().join(&target).exists();
            if !is_there || !wanted.is_empty() && !Page::read(&target).anchors.contains(wanted) {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_book_has_every_page() {
    let listed: BTreeSet<_> = Page::read(Path::new("docs/SUMMARY.md")).links.into_iter().collect();
    let there = pages().into_iter().filter_map(|page| Some(page.strip_prefix("docs").ok()?.to_str()?.to_owned()));
    assert_eq!(listed, there.filter(|page| page != "SUMMARY.md").collect());
}

#[test]
fn experiment_files_plan() {
    let mut planned = 0;
    for path in pages() {
        for (_, text) in Page::read(&path).blocks.iter().filter(|(language, _)| language == "yaml") {
            let lab = Lab::new();
            ["base.yaml", "longer.yaml"].iter().for_each(|base| lab.write(base, "run: { seed: 0 }\n"));
            (0..80).for_each(|picture| lab.write(&format!("pictures/{picture}.png"), png(picture)));
            (0..100).for_each(|sound| lab.write(&format!("recordings/{sound}.wav"), wav(sound)));
            (0..20 * 16).for_each(|at| lab.write(&format!("films/{}/{}.png", at / 16, at % 16), png((at % 251) as u8)));
            lab.write("block.yaml", text);
            let ended = lab.run("plan block.yaml");
            assert_eq!(ended.code, Some(0), "{}:\n{text}\n{}", path.display(), ended.stderr);
            planned += 1;
        }
    }
    assert!(planned > 5, "{planned} blocks");
}

/// A small picture of one colour.
fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[shade; 192]).unwrap();
    bytes
}

/// A second of a tone of 16 bits at 16 kHz.
fn wav(tone: u32) -> Vec<u8> {
    let wave = |at: u32| ((at * (tone + 7) % 256) as i16 - 128) * 99;
    let samples: Vec<u8> = (0..16_000).flat_map(|at| wave(at).to_le_bytes()).collect();
    let words = |words: [u32; 2]| words.map(u32::to_le_bytes).concat();
    let length = samples.len() as u32;
    let format =
        [words([16, 0x1_0001]), words([16_000, 32_000]), words([0x10_0002, 0x6174_6164])[..].to_vec()].concat();
    [&b"RIFF"[..], &(36 + length).to_le_bytes(), b"WAVEfmt ", &format, &length.to_le_bytes(), &samples].concat()
}

#[test]
fn commands_exist() {
    let lab = Lab::new();
    let mut tried = 0;
    for path in pages() {
        let page = Page::read(&path);
        for line in page.blocks.iter().filter(|(language, _)| language == "sh").flat_map(|(_, text)| text.lines()) {
            let words = shlex::split(line).unwrap_or_else(|| panic!("{}: {line}", path.display()));
            let words: Vec<_> = words.into_iter().skip_while(|word| word.starts_with("RUNNER_")).collect();
            let ours = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [] => continue,
                ["runner", ..] => &words[1..],
                ["cargo", "run", "--release", "--", ..] => &words[4..],
                [other, ..] => {
                    assert!(OTHERS.contains(&other), "{}: {line}", path.display());
                    continue;
                }
            };
            let until = ours.iter().position(|word| word == ">").unwrap_or(ours.len());
            // With `--help` at the end nothing is done, but all before it must be right.
            let help = ours.first().is_none_or(|word| word != "help").then(|| "--help".to_owned());
            let ended = lab.command("").args(ours[..until].iter().chain(&help)).output().unwrap();
            let stderr = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success(), "{}: {line}\n{stderr}", path.display());
            tried += 1;
        }
        for span in page.spans.iter().filter(|span| span.starts_with("runner ")) {
            let mut words = span.split_whitespace().skip(1).skip_while(|word| *word == "help");
            let Some(command) = words.next().filter(|word| word.chars().all(|c| c.is_ascii_lowercase())) else {
                continue;
            };
            let mut help = lab.run(&format!("help {command}")).exits(0).stdout;
            let words: Vec<_> = words.collect();
            if let ("data" | "extractor", Some(below)) = (command, words.first()) {
                below.split('|').for_each(|below| help += &lab.run(&format!("help {command} {below}")).exits(0).stdout);
            }
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(flag), "{}: `{span}`: no {flag}", path.display());
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried} commands");
}
