//! The samples that are edited.

use super::Context;
use crate::cli::{ChosenArgs, SearchArgs};
use crate::error::Error;
use data::{Color, Photo};
use samples::Format;
use std::path::PathBuf;
use training::{Codes, InvertRequest};

/// More codes are not looked for at once.
const MOST: usize = 256;

/// Samples by their codes.
pub(super) struct Chosen {
    pub codes: Codes,
    /// The pictures whose codes were looked for, `[count, channels, height, width]`.
    pub pictures: Option<Vec<f32>>,
}

impl Chosen {
    /// Random samples, or what comes nearest to pictures.
    pub(super) fn of(context: &Context, arguments: &ChosenArgs) -> Result<Self, Error> {
        let class = arguments.class.as_deref().map(|name| context.class("--class", name)).transpose()?;
        if arguments.images.is_empty() {
            if arguments.count.get() > MOST {
                return Err(Error::Usage(format!("--count: more than {MOST} samples are not edited at once")));
            }
            let codes = context.editor.draw(arguments.count.get(), arguments.seed, class);
            return Ok(Self { codes, pictures: None });
        }
        let pictures = read(context, &arguments.images, &arguments.search)?;
        let request = InvertRequest { class, ..request(&arguments.search) };
        let codes = context.editor.invert(&pictures, &request).codes;
        Ok(Self { codes, pictures: Some(pictures) })
    }
}

/// How codes are looked for.
pub(super) fn request(arguments: &SearchArgs) -> InvertRequest {
    InvertRequest { steps: arguments.search_steps, ..InvertRequest::default() }
}

/// Pictures in the format of the run's samples.
pub(super) fn read(context: &Context, files: &[PathBuf], arguments: &SearchArgs) -> Result<Vec<f32>, Error> {
    let (color, height, width) = match context.domain.output {
        Format::Image([1, height, width]) => (Color::Grey, height, width),
        Format::Image([3, height, width]) => (Color::Rgb, height, width),
        format => {
            let id = context.folder.id();
            return Err(Error::Usage(format!("{id} makes {format}, which pictures are none of")));
        }
    };
    if files.len() > MOST {
        return Err(Error::Usage(format!("{} pictures are more than {MOST}: edit some at a time", files.len())));
    }
    let read = |file: &PathBuf| Ok(Photo::read(file, color, arguments.background)?.resized(height, width).values);
    let all: Result<Vec<Vec<f32>>, Error> = files.iter().map(read).collect();
    Ok(all?.concat())
}
