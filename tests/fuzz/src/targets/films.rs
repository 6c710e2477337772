//! Films of a user.

use super::{Target, write};
use data::{DataConfig, FramesFolder, OnError, Split};
use image::codecs::gif::GifEncoder;
use image::{Frame, Rgba, RgbaImage};
use samples::{Canvas, Format};

/// Animated GIF, PNG and WebP.
pub(super) const FILM: Target = Target {
    name: "film",
    seeds: || {
        let mut gif = Vec::new();
        let mut encoder = GifEncoder::new(&mut gif);
        for grey in [0, 100, 200] {
            let frame = Frame::new(RgbaImage::from_pixel(6, 5, Rgba([grey, 9, grey, 255])));
            encoder.encode_frame(frame).expect("memory can be written");
        }
        drop(encoder);
        let values: Vec<f32> = (0..4 * 25).map(|at| at as f32 / 50.0 - 1.0).collect();
        let films = Canvas::new(Format::Video { frames: 4, image: [1, 5, 5], fps: 8 }, 0).singles(&values);
        let apng = films.expect("videos are files").remove(0).bytes;
        let webp = [b"RIFF\x26\0\0\0WEBPVP8X\x0a\0\0\0".as_slice(), &[2, 0, 0, 0, 5, 0, 0, 4, 0, 0]].concat();
        let webp = [webp, b"ANIM\x06\0\0\0\0\0\0\0\0\0ANMF\0\0\0\0".to_vec()].concat();
        vec![gif, apng, webp]
    },
    words: &["GIF89a", "NETSCAPE2.0", "acTL", "fcTL", "fdAT", "IDAT", "RIFF", "WEBP", "VP8X", "ANIM", "ANMF", "VP8L"],
    read: |folder, bytes| {
        // The first bytes tell the format, whatever the name.
        write(&folder.join("film.gif"), bytes);
        let config =
            FramesFolder { size: 8, frames: 2, on_error: OnError::Skip, ..FramesFolder::new(folder.to_owned()) };
        let _ = DataConfig::of(config).open(Split::Train);
    },
};
