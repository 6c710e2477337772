//! Whether pictures show colour, and what to say where the two domains differ in it.

use image::{DynamicImage, Rgb};

use crate::options::Color;

/// Whether no pixel of an opaque picture has a colour.
pub(super) fn is_grey(image: &DynamicImage) -> bool {
    match image {
        DynamicImage::ImageLuma8(_) => true,
        DynamicImage::ImageRgb8(image) => image.pixels().all(|Rgb([red, green, blue])| red == green && green == blue),
        _ => false,
    }
}

/// Grey and coloured pictures of one domain.
pub(super) struct Counted<'a> {
    /// In messages: `input` or `output`.
    pub(super) domain: &'a str,
    /// Whether each is grey.
    pub(super) is_grey: Vec<bool>,
    /// What each is called.
    pub(super) name: &'a dyn Fn(usize) -> String,
    /// What it is read as.
    pub(super) color: Color,
    /// The setting that decides that.
    pub(super) setting: &'a str,
}

/// What a person may not have meant.
pub(super) fn warnings(domains: [Counted; 2]) -> Vec<String> {
    let mut warnings = Vec::new();
    let grey = |counted: &Counted| counted.is_grey.iter().filter(|is_grey| **is_grey).count();
    let all_grey = domains.each_ref().map(|counted| grey(counted) == counted.is_grey.len());
    for (at, counted) in domains.iter().enumerate().filter(|(_, counted)| counted.color == Color::Rgb) {
        let Counted { domain, is_grey, name, setting, .. } = counted;
        let (grey, of) = (grey(counted), is_grey.len());
        if all_grey[at] && !all_grey[1 - at] {
            let other = domains[1 - at].domain;
            warnings.push(format!(
                "all {of} pictures of the {domain} are grey and those of the {other} are not: a critic may tell by that alone; \
                 `{setting}: grey` gives the {domain} one channel"
            ));
        } else if 0 < grey && grey < of {
            let odd = grey * 2 < of;
            let such = is_grey.iter().position(|is_grey| *is_grey == odd).map(name).unwrap_or_default();
            let (few, what) = if odd { (grey, "grey") } else { (of - grey, "in colour") };
            warnings
                .push(format!("{few} of {of} pictures of the {domain} are {what} and the others not, such as {such}"));
        }
    }
    warnings
}
