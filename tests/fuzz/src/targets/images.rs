//! Data and samples of a user.

use super::{Target, write};
use data::{Array, Cifar10, DataConfig, Idx, ImageParquet, ImageZip, PointsCsv, Samples, Split, WebDataset};
use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, ImageFormat};
use std::io::{Cursor, Write};
use std::path::Path;

/// IDX images, as `run.data.images` names them.
pub(super) const IDX: Target = Target {
    name: "idx",
    seeds: || {
        let header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
        let whole: Vec<u8> = header.into_iter().chain(0..24).collect();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&whole).expect("memory can be written");
        vec![whole, gzip.finish().expect("memory can be written")]
    },
    words: &[],
    read: |folder, bytes| {
        let path = folder.join("images");
        write(&path, bytes);
        let _ = DataConfig::of(Idx { images: path, ..Idx::default() }).open(Split::Train);
    },
};

/// Arrays of `metrics`.
pub(super) const NPY: Target = Target {
    name: "npy",
    seeds: || {
        let array = |header: &str, body: usize| {
            let header = format!("{header:<117}\n");
            let mut bytes = [b"\x93NUMPY\x01\0".as_slice(), &[118, 0], header.as_bytes()].concat();
            bytes.extend((0..body).map(|number| number as u8));
            bytes
        };
        vec![
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 24),
            array("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4, 4, 3), }", 96),
            array("{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }", 40),
        ]
    },
    words: &["'fortran_order': True", "'descr': '>f4'", "(3L, 2L)", "(0, 2)", "(99999999999, 99999999999)", "(-1,)"],
    read: |folder, bytes| {
        let path = folder.join("x.npy");
        write(&path, bytes);
        let _ = Samples::read(&path, None);
    },
};

/// Arrays as a data set, in a file and in an archive.
pub(super) const ARRAY: Target = Target {
    name: "array",
    seeds: || ["images.npz", "points.npz", "channels_first.npy"].map(fixture).into(),
    words: &[
        "images.npy",
        "points.npy",
        "labels.npy",
        "PK\u{1}\u{2}",
        "PK\u{5}\u{6}",
        "PK\u{6}\u{6}",
        "'|b1'",
        "'<f2'",
        "'<i8'",
    ],
    read: |folder, bytes| {
        let path = folder.join("array");
        write(&path, bytes);
        let _ = DataConfig::of(Array::new(path, None, None, None)).open(Split::Train);
    },
};

/// A zip archive of pictures.
pub(super) const ZIP: Target = Target {
    name: "zip",
    seeds: || ["stylegan.zip", "folders.zip"].map(fixture).into(),
    words: &[
        "dataset.json",
        "\"labels\"",
        "\"class_names\"",
        "PK\u{1}\u{2}",
        "PK\u{5}\u{6}",
        "PK\u{6}\u{6}",
        "../",
        "IHDR",
    ],
    read: |folder, bytes| {
        let path = folder.join("zip");
        write(&path, bytes);
        let _ = DataConfig::of(ImageZip::new(path)).open(Split::Train);
    },
};

/// A tar archive of pictures.
pub(super) const TAR: Target = Target {
    name: "tar",
    seeds: || ["shards/train-000.tar", "cifar-10-binary.tar.gz"].map(fixture).into(),
    words: &["ustar", ".cls", ".json", "././@LongLink", "00000000777\0", "77777777777\0", "../"],
    read: |folder, bytes| {
        let path = folder.join("tar");
        write(&path, bytes);
        let _ = DataConfig::of(WebDataset::new(path, None)).open(Split::Train);
    },
};

/// A column of pictures.
pub(super) const PARQUET: Target = Target {
    name: "parquet",
    seeds: || ["snappy.parquet", "zstd.parquet", "gzip.parquet", "plain.parquet"].map(fixture).into(),
    words: &["PAR1", "image", "label", "bytes", "huggingface"],
    read: |folder, bytes| {
        let path = folder.join("parquet");
        write(&path, bytes);
        let _ = DataConfig::of(ImageParquet::new(path, None, None)).open(Split::Train);
    },
};

/// Batches of CIFAR-10's Python version.
pub(super) const PICKLE: Target = Target {
    name: "pickle",
    seeds: || ["batch-2.pickle", "batch-3.pickle", "batch-4.pickle"].map(fixture).into(),
    words: &[
        "cos\nsystem\n",
        "cnumpy\nndarray\n",
        "cnumpy.core.multiarray\n_reconstruct\n",
        "c_codecs\nencode\n",
        "labels",
        "data",
    ],
    read: |folder, bytes| {
        write(&folder.join("test_batch"), bytes);
        let _ = DataConfig::of(Cifar10 { path: folder.to_owned() }).open(Split::Test);
    },
};

/// Points as text.
pub(super) const CSV: Target = Target {
    name: "csv",
    seeds: || ["named.csv", "plain.csv"].map(fixture).into(),
    words: &["\"", "\r\n", ";", "\t", "nan", "1e999", "#"],
    read: |folder, bytes| {
        let path = folder.join("csv");
        write(&path, bytes);
        let _ = DataConfig::of(PointsCsv::new(path)).open(Split::Train);
    },
};

/// A folder with one BMP file.
pub(super) const BMP: Target = Target {
    name: "bmp",
    seeds: || ["colour.bmp", "grey.bmp"].map(fixture).into(),
    words: &["BM"],
    read: |folder, bytes| read_folder(folder, "x.bmp", bytes),
};

/// A folder with one GIF file.
pub(super) const GIF: Target = Target {
    name: "gif",
    seeds: || ["grey.gif", "animated.gif"].map(fixture).into(),
    words: &["GIF89a", "NETSCAPE2.0"],
    read: |folder, bytes| read_folder(folder, "x.gif", bytes),
};

/// A folder with one TIFF file.
pub(super) const TIFF: Target = Target {
    name: "tiff",
    seeds: || ["plain.tiff", "lzw.tiff", "deflate.tiff", "grey16.tiff"].map(fixture).into(),
    words: &["II*\0", "MM\0*"],
    read: |folder, bytes| read_folder(folder, "x.tiff", bytes),
};

/// A folder with one PNG file.
pub(super) const PNG: Target = Target {
    name: "png",
    seeds: || encoded(ImageFormat::Png),
    words: &["IHDR", "IDAT", "IEND", "PLTE", "tRNS", "eXIf", "iCCP", "acTL", "fcTL", "zTXt"],
    read: |folder, bytes| read_folder(folder, "x.png", bytes),
};

/// A folder with one JPEG file.
pub(super) const JPEG: Target = Target {
    name: "jpeg",
    seeds: || encoded(ImageFormat::Jpeg),
    words: &["\u{0}", "Exif", "JFIF"],
    read: |folder, bytes| read_folder(folder, "x.jpg", bytes),
};

/// A folder with one WebP file.
pub(super) const WEBP: Target = Target {
    name: "webp",
    seeds: || encoded(ImageFormat::WebP),
    words: &["RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "EXIF"],
    read: |folder, bytes| read_folder(folder, "x.webp", bytes),
};

/// A file that another program has written, of `scripts/data_fixtures.py`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/data/tests/files/formats"));
    std::fs::read(folder.join(name)).expect("the fixture is there")
}

fn read_folder(folder: &Path, name: &str, bytes: &[u8]) {
    let images = folder.join("images");
    std::fs::create_dir_all(&images).expect("the folder for temporary files can be written");
    write(&images.join(name), bytes);
    let _ = Samples::read(&images, None);
}

/// Grey, colour and transparent images.
fn encoded(format: ImageFormat) -> Vec<Vec<u8>> {
    let colour = image::RgbImage::from_fn(17, 11, |x, y| image::Rgb([(x * 15) as u8, (y * 23) as u8, (x * y) as u8]));
    let grey = DynamicImage::from(colour.clone()).to_luma8();
    let mut images = vec![DynamicImage::from(colour.clone()), grey.into()];
    if format == ImageFormat::Png {
        images.push(DynamicImage::from(colour.clone()).to_rgba8().into());
        images.push(DynamicImage::from(colour).to_luma16().into());
    }
    let encode = |image: DynamicImage| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("memory can be written");
        bytes.into_inner()
    };
    images.into_iter().map(encode).collect()
}
