//! `runner data fetch`.

use super::{out, print_json, say};
use crate::cli::Format;
use crate::error::Error;
use crate::text::bytes;
use fetch::{Client, Fetched, RemoteSet, Setting};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

pub(crate) fn run(name: &str, dir: Option<PathBuf>, mirror: Option<&str>, format: Format) -> Result<(), Error> {
    let set = fetch::find(name).ok_or_else(|| Error::Usage(format!("there is no data set `{name}` to download")))?;
    let folder = dir.unwrap_or_else(|| Path::new("data").join(name));
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
    let folder = folder.canonicalize().map_err(Error::io(&folder))?;
    say(&format!("{name}: {}; {}", set.about, set.page));
    say(&format!("licence: {}", set.licence));
    let client = Client::default();
    for file in set.files {
        let url = mirror
            .map_or_else(|| file.url.to_owned(), |mirror| format!("{}/{}", mirror.trim_end_matches('/'), file.name()));
        let bar = bar(file.bytes, file.name());
        let fetched = client.download(file, &url, &folder, &mut |there| bar.set_position(there));
        bar.finish_and_clear();
        let size = bytes(file.bytes);
        match fetched? {
            Fetched::Downloaded => say(&format!("{}: {size} from {url}", file.name())),
            Fetched::There => say(&format!("{}: {size}, there already", file.name())),
        }
    }
    set.unpack(&folder)?;
    let data = settings(set, &folder);
    match format {
        Format::Json => {
            let files: Vec<&str> = set.files.iter().map(|file| file.name()).collect();
            print_json(&json!({ "name": name, "folder": folder, "files": files, "data": data }))?;
        }
        Format::Text => {
            let lines = data.iter().map(|(key, value)| format!("    {key}: {}\n", plain(value)));
            out(format_args!("run:\n  data:\n{}", lines.collect::<String>().trim_end()))?;
            if !set.remark.is_empty() {
                say(&format!("note: {}", set.remark));
            }
        }
    }
    Ok(())
}

/// A bar that fits 80 columns; hidden where standard error is no terminal.
fn bar(length: u64, name: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{prefix:27!} {wide_bar} {bytes:>10}/{total_bytes:<10} {eta:>4} left");
    let style = style.expect("the template is a constant that parses").progress_chars("=> ");
    ProgressBar::new(length).with_style(style).with_prefix(name.to_owned())
}

/// `run.data` for a downloaded set.
fn settings(set: &RemoteSet, folder: &Path) -> Map<String, Value> {
    let value = |setting: &Setting| match setting {
        Setting::Word(word) => json!(word),
        Setting::Number(number) => json!(number),
        Setting::Folder => json!(folder),
        Setting::File(name) => json!(folder.join(name)),
    };
    set.settings.iter().map(|(key, setting)| ((*key).to_owned(), value(setting))).collect()
}

/// A value in YAML: words and paths as they are, others in quotes.
fn plain(value: &Value) -> String {
    let is_plain = |text: &&str| {
        text.chars().all(|c| c.is_alphanumeric() || "/._-+@".contains(c))
            && text.starts_with(|c: char| c == '/' || c.is_alphabetic())
    };
    value.as_str().filter(is_plain).map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::DataConfig;

    #[test]
    fn the_printed_settings_are_those_of_a_data_set() {
        for set in fetch::ALL {
            let settings = Value::Object(settings(set, Path::new("/tmp/my data")));
            let read = serde_json::from_value::<DataConfig>(settings.clone());
            assert!(read.is_ok(), "{}: {settings}: {:?}", set.name, read.err());
        }
    }

    #[test]
    fn what_yaml_would_read_otherwise_stands_in_quotes() {
        let check = |value: Value, expected: &str| assert_eq!(plain(&value), expected);
        check(json!("/data/mnist"), "/data/mnist");
        check(json!(0.1), "0.1");
        check(json!("/my data: 1/#x"), "\"/my data: 1/#x\"");
        check(json!("12"), "\"12\"");
    }
}
