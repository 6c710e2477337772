//! Folders of films as a data set.

use crate::image_folder::{bytes, plain};
use crate::written::Folder;
use data::{Color, DataConfig, Dataset, FramesFolder, HoldOut, OnError, Split};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, RgbImage};
use samples::{Canvas, Format};

fn config(folder: &Folder, frames: usize) -> FramesFolder {
    FramesFolder { size: 4, frames, color: Color::Grey, ..FramesFolder::new(folder.path().to_owned()) }
}

fn open(config: FramesFolder) -> Dataset {
    DataConfig::of(config).open(Split::Train).unwrap()
}

fn error(config: FramesFolder) -> String {
    DataConfig::of(config).open(Split::Train).unwrap_err().to_string()
}

fn png(grey: u8) -> Vec<u8> {
    bytes(plain([grey; 3], 8, 8), ImageFormat::Png)
}

fn greys(of: &[u8]) -> Vec<RgbImage> {
    of.iter().map(|grey| plain([*grey; 3], 8, 8)).collect()
}

fn gif(of: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for image in greys(of) {
        encoder.encode_frame(Frame::new(DynamicImage::from(image).into_rgba8())).unwrap();
    }
    drop(encoder);
    bytes
}

fn apng(of: &[u8]) -> Vec<u8> {
    let values: Vec<f32> = of.iter().flat_map(|grey| [f32::from(*grey) / 127.5 - 1.0; 64]).collect();
    let format = Format::Video { frames: of.len(), image: [1, 8, 8], fps: 8 };
    Canvas::new(format, 0).singles(&values).unwrap()[0].bytes.clone()
}

/// The container's specification: VP8X with the flag of an animation, ANIM, and an ANMF with the image of each frame.
fn webp(of: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        let padding = vec![0; data.len() % 2];
        [name.as_slice(), &(data.len() as u32).to_le_bytes(), data, &padding].concat()
    };
    let frame = |image: RgbImage| {
        let still = bytes(image, ImageFormat::WebP);
        // No offset, 8 x 8, 100 ms, no blending.
        let head = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 2];
        chunk(b"ANMF", &[head.as_slice(), &still[12..]].concat())
    };
    let frames: Vec<u8> = greys(of).into_iter().flat_map(frame).collect();
    let size = chunk(b"VP8X", &[2, 0, 0, 0, 7, 0, 0, 7, 0, 0]);
    let body = [b"WEBP".to_vec(), size, chunk(b"ANIM", &[0; 6]), frames].concat();
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// The grey of each frame of a clip.
fn seen(dataset: &Dataset, index: usize) -> Vec<u8> {
    let frames = dataset.image(index).chunks(16);
    frames.map(|frame| (frame.iter().all(|pixel| *pixel == frame[0])).then_some(frame[0]).unwrap()).collect()
}

#[test]
fn films_are_folders_of_frames_and_animated_files() {
    let folder = Folder::new();
    for (at, grey) in [(1, 10), (2, 20), (10, 30)] {
        folder.write(&format!("a/frame-{at}.png"), &png(grey));
    }
    folder.write("b.gif", &gif(&[40, 50, 60]));
    folder.write("c.png", &apng(&[70, 80, 90]));
    folder.write("d.webp", &webp(&[100, 110, 120]));
    folder.write("notes.txt", b"no image");
    let films = open(config(&folder, 3));
    assert_eq!(films.format(), Format::Video { frames: 3, image: [1, 4, 4], fps: 8 });
    assert_eq!((films.len(), films.classes()), (4, None));
    assert_eq!(
        films.passed_over().warnings,
        Vec::<String>::new(),
        "films have no classes that files beside them could spoil"
    );
    let mut found: Vec<Vec<u8>> = (0..4).map(|index| seen(&films, index)).collect();
    found.sort();
    assert_eq!(found, [[10, 20, 30], [40, 50, 60], [70, 80, 90], [100, 110, 120]]);
}

#[test]
fn long_films_are_several_clips_on_one_side() {
    let folder = Folder::new();
    for film in 0..12u8 {
        folder
            .write(&format!("{film}.gif"), &gif(&[film, film + 20, film + 40, film + 60, film + 80, film + 100, 250]));
    }
    let clips = open(config(&folder, 3));
    assert_eq!((clips.len(), seen(&clips, 0), seen(&clips, 1)), (24, vec![0, 20, 40], vec![60, 80, 100]));
    let rarer = open(FramesFolder { every: 2, ..config(&folder, 3) });
    assert_eq!((rarer.len(), seen(&rarer, 0)), (12, vec![0, 40, 80]));
    let part = FramesFolder { hold_out: HoldOut(0.3), ..config(&folder, 3) };
    let [train, test] = [Split::Train, Split::Test].map(|split| DataConfig::of(part.clone()).open(split).unwrap());
    assert!(train.len() + test.len() == 24 && test.len() >= 2, "{} and {}", train.len(), test.len());
    assert!((0..test.len()).step_by(2).all(|clip| seen(&test, clip)[0] + 60 == seen(&test, clip + 1)[0]));
}

#[test]
fn colour_is_plane_by_plane() {
    let folder = Folder::new();
    for (at, color) in [[255, 0, 0], [0, 255, 0]].into_iter().enumerate() {
        folder.write(&format!("a/{at}.png"), &bytes(plain(color, 8, 8), ImageFormat::Png));
    }
    let film = open(FramesFolder { color: Color::Rgb, ..config(&folder, 2) });
    // Red of both frames, then green, then blue.
    assert_eq!([0, 16, 32, 48, 64, 80].map(|at| film.image(0)[at]), [255, 0, 0, 255, 0, 0]);
}

#[test]
fn what_is_no_film_is_named() {
    let folder = Folder::new();
    folder.write("a/1.png", &png(1));
    folder.write("a/2.png", &png(2));
    let found = error(config(&folder, 3));
    assert!(found.ends_with("a: it has 2 frames, and a clip has 3; `on_error: skip` leaves it out"), "{found}");
    folder.write("b.gif", &gif(&[1, 2, 3])[..60]);
    let found = error(config(&folder, 2));
    assert!(found.contains("b.gif: it is no sound GIF: damaged or cut short"), "{found}");
    let others = open(FramesFolder { on_error: OnError::Skip, ..config(&folder, 2) });
    assert_eq!(seen(&others, 0), [1, 2]);
    assert!(others.passed_over().warnings.iter().any(|warning| warning.contains("b.gif")), "{others:?}");
    folder.write("a/3.png", &png(3)[..40]);
    let found = error(FramesFolder { on_error: OnError::Skip, ..config(&folder, 2) });
    assert!(found.contains("no film can be used") && found.contains("3.png"), "{found}");
    let empty = Folder::new();
    assert!(error(config(&empty, 2)).contains("a subfolder of frames for each film"));
}
