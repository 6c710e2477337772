//! What a report may take the place of: what this program made. A folder for reports may hold a person's files, too, and a
//! sweep may be named `tensorboard`.

use crate::ReportError;
use crate::page::url;
use crate::study::Destination;
use record::MARK;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Marks the folder of event files.
pub(crate) const TENSORBOARD: &str = "tensorboard";
/// Marks the folder of pictures and sounds beside the page.
pub(crate) const ASSETS: &str = "report-assets";

/// Whether all three parts of a report are absent or made by this program.
///
/// # Errors
/// The first that was not made by this program.
pub(crate) fn check(destination: &Destination) -> Result<(), ReportError> {
    let page = Page::read(destination);
    let refuse = |path: PathBuf| Err(ReportError::Foreign { path });
    if destination.page().exists() && page.is_none() {
        return refuse(destination.page());
    }
    if !is_tensorboard(&destination.tensorboard()) {
        return refuse(destination.tensorboard());
    }
    if !is_assets(&destination.assets(), page.as_ref()) {
        return refuse(destination.assets());
    }
    Ok(())
}

/// Deletes the pictures and sounds that an earlier page needed; [`check`] has looked at them.
pub(crate) fn remove_assets(destination: &Destination) -> Result<(), ReportError> {
    let folder = destination.assets();
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReportError::write(&folder)(error)),
        _ => Ok(()),
    }
}

/// A page of this program.
struct Page(String);

impl Page {
    fn read(destination: &Destination) -> Option<Self> {
        let path = destination.page();
        // A pipe would be waited for.
        let bytes = fs::metadata(&path).ok().filter(fs::Metadata::is_file).and_then(|_| fs::read(&path).ok())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // As every version has begun it; the rest may be cut off or damaged. An empty file is what a power cut left.
        let is_page =
            text.starts_with("<!doctype html>\n<html lang=\"en\"") && text.contains(" · sweep report</title>");
        (is_page || text.is_empty()).then_some(Self(text))
    }
}

/// Earlier versions made no mark, and none is made while a sweep trains: there the names of all files decide.
fn is_tensorboard(folder: &Path) -> bool {
    record::marked(folder, TENSORBOARD).is_some() || all_files(folder, &|path| is_event_file(path.file_name()))
}

/// `events.out.tfevents.<seconds>.<milliseconds>`. Other programs put a machine's name behind the seconds.
fn is_event_file(name: Option<&OsStr>) -> bool {
    let Some(times) = name.and_then(OsStr::to_str).and_then(|name| name.strip_prefix("events.out.tfevents.")) else {
        return false;
    };
    let is_time = |text: &str, digits| text.len() >= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    times.split_once('.').is_some_and(|(started, updated)| is_time(started, 10) && is_time(updated, 13))
}

/// Earlier versions made no mark: there the page beside the folder names all files.
fn is_assets(folder: &Path, page: Option<&Page>) -> bool {
    let is_named = |path: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let below = path.strip_prefix(folder).unwrap_or(path);
        page.is_some_and(|Page(text)| text.contains(&format!("\"{name}/{}\"", url(below))))
    };
    record::marked(folder, ASSETS).is_some() || all_files(folder, &is_named)
}

/// Whether a path is absent, or a folder in which all files are such; links are no files.
fn all_files(path: &Path, is_such: &dyn Fn(&Path) -> bool) -> bool {
    match fs::symlink_metadata(path) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(metadata) if metadata.is_dir() => fs::read_dir(path).is_ok_and(|entries| {
            let mut entries = entries;
            entries.all(|entry| entry.is_ok_and(|entry| is_own(&entry.path(), is_such)))
        }),
        Ok(_) => false,
    }
}

fn is_own(path: &Path, is_such: &dyn Fn(&Path) -> bool) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    // A mark that is damaged identifies nothing, and may be replaced.
    let is_mark = path.file_name() == Some(OsStr::new(MARK));
    if is_file { is_mark || is_such(path) } else { all_files(path, is_such) }
}
