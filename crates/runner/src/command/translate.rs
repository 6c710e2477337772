//! `runner translate`: a person's own pictures through a run that translates.

use super::{no_checkpoint, out, print_json};
use crate::cli::{Format, TranslateArgs};
use crate::error::Error;
use crate::inspect::find;
use crate::plan::planning;
use crate::text;
use data::{Color, Photo};
use samples::{Canvas, Mosaic};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use training::{TranslateError, Translator};

pub(crate) fn run(arguments: &TranslateArgs) -> Result<ExitCode, Error> {
    let folder = find::started(&arguments.run, &arguments.results)?;
    let device = training::select(&arguments.devices)?.devices[0];
    let config = planning::stored(&folder)?;
    let domain = find::domain(&folder, &config)?;
    let files = Files::of(&arguments.input, &arguments.out)?;
    let translator =
        Translator::open(config, domain, &folder, device, arguments.step).map_err(|error| match error {
            TranslateError::Device(error) => error.into(),
            TranslateError::NoInput { .. } => Error::Usage(error.to_string()),
        })?;
    let Some(translator) = translator else {
        return Err(no_checkpoint(&folder, arguments.step));
    };
    let color = match (translator.input(), translator.output()) {
        (samples::Format::Image([1, ..]), samples::Format::Image(_)) => Color::Grey,
        (samples::Format::Image([3, ..]), samples::Format::Image(_)) => Color::Rgb,
        (input, output) => {
            return Err(Error::Usage(format!("{} translates {input} to {output}, which are no pictures", folder.id())));
        }
    };
    let [mut as_they_are, mut tiled, mut resized] = [0; 3];
    for (from, to) in &files.0 {
        let photo = Photo::read(from, color, arguments.background)?;
        let way = Way::of(&photo, &translator, arguments.tile);
        match way {
            Way::AsItIs => as_they_are += 1,
            Way::Tiled => tiled += 1,
            Way::Resized => resized += 1,
        }
        let made = way.translate(&photo, &translator);
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.map_or(Ok(()), fs::create_dir_all).map_err(Error::io(to))?;
        let canvas = Canvas::new(samples::Format::Image(made.shape), 1);
        super::write(to, &canvas.draw(&made.values).png())?;
    }
    let [_, height, width] = translator.input().shape();
    match arguments.format {
        Format::Json => print_json(&json!({
            "run": folder.id(), "step": translator.step(), "count": files.0.len(), "out": arguments.out,
            "width": width, "height": height, "as_they_are": as_they_are, "tiled": tiled, "resized": resized,
        }))?,
        Format::Text => {
            let ways = [
                (as_they_are, format!("of {width} x {height} as they are")),
                (tiled, format!("in overlapping tiles of {width} x {height}")),
                (resized, format!("resized to {width} x {height} and back")),
            ];
            let ways = ways.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}"));
            out(format_args!(
                "{} through {} at step {}: {}: {}",
                text::count(files.0.len(), "picture"),
                folder.id(),
                translator.step(),
                ways.collect::<Vec<_>>().join(", "),
                arguments.out.display()
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How a picture gets through a network of one size.
#[derive(Clone, Copy)]
enum Way {
    AsItIs,
    Tiled,
    Resized,
}

impl Way {
    fn of(photo: &Photo, translator: &Translator, tile: bool) -> Self {
        let ([_, height, width], [_, wanted, other]) = (photo.shape, translator.input().shape());
        match [height, width] == [wanted, other] {
            true => Self::AsItIs,
            false if tile => Self::Tiled,
            false => Self::Resized,
        }
    }

    /// What is made of the picture, in its size; of a network whose output has another size than its input, in that.
    fn translate(self, photo: &Photo, translator: &Translator) -> Photo {
        let ([_, height, width], output) = (photo.shape, translator.output().shape());
        let [_, rows, columns] = translator.input().shape();
        match self {
            Self::AsItIs => Photo { shape: output, values: translator.translate(&photo.values) },
            Self::Resized => {
                let made = translator.translate(&photo.resized(rows, columns).values);
                Photo { shape: output, values: made }.resized(height, width)
            }
            Self::Tiled => {
                let mosaic = Mosaic::new([height, width], [rows, columns]);
                let made = translator.translate(&mosaic.cut(&photo.values, photo.shape[0]));
                Photo { shape: [output[0], height, width], values: mosaic.join(&made, output[0]) }
            }
        }
    }
}

/// What to read, and where to write what is made of it.
struct Files(Vec<(PathBuf, PathBuf)>);

impl Files {
    fn of(input: &Path, out: &Path) -> Result<Self, Error> {
        let is_png = out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
        if input.is_dir() {
            if is_png || out.is_file() {
                return Err(Error::Usage(format!("{} is a folder, so {} must be one", input.display(), out.display())));
            }
            let inside = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            if inside(input) == inside(out) {
                return Err(Error::Usage(format!("{}: name another folder to write to", out.display())));
            }
            let files = data::pictures_of(input)?.into_iter();
            let files: Vec<_> = files.map(|(name, file)| (file, out.join(format!("{name}.png")))).collect();
            if files.is_empty() {
                return Err(Error::Usage(format!("{} holds no picture", input.display())));
            }
            return Ok(Self(files));
        }
        match is_png {
            true => Ok(Self(vec![(input.to_owned(), out.to_owned())])),
            false => Err(Error::Usage(format!("{} is to be written as a .png", out.display()))),
        }
    }
}
