//! The data sets that can be downloaded. A set without a checksum in a source that can be cited has no place here.

use crate::FetchError;
use crate::unpack::unzip;
use std::path::Path;

/// A data set, as it is published.
#[derive(Clone, Copy, Debug)]
pub struct RemoteSet {
    /// The argument of `runner data fetch`.
    pub name: &'static str,
    /// What it shows, how many, how large.
    pub about: &'static str,
    /// Under which terms it may be used, and who states them.
    pub licence: &'static str,
    /// Where its authors describe it.
    pub page: &'static str,
    /// Its files.
    pub files: &'static [RemoteFile<'static>],
    /// The ending of files that are in an archive among them and are to be unpacked; empty if there is none.
    pub unpack: &'static str,
    /// What is unusual about it, in a sentence without its full stop; empty if nothing is.
    pub remark: &'static str,
    /// `run.data` for it.
    pub settings: &'static [(&'static str, Setting)],
}

/// A value in `run.data`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// As it is written.
    Word(&'static str),
    /// A number.
    Number(f64),
    /// The folder that the files lie in.
    Folder,
    /// A file in that folder.
    File(&'static str),
}

/// A file and its published checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteFile<'a> {
    /// Its official address; the part behind the last `/` is its name.
    pub url: &'a str,
    /// Its length.
    pub bytes: u64,
    /// 64 hexadecimal digits.
    pub sha256: &'a str,
}

impl RemoteSet {
    /// Unpacks what is in archives among its files, which have been downloaded into the folder.
    ///
    /// # Errors
    /// An archive cannot be read, or a file cannot be written.
    pub fn unpack(&self, folder: &Path) -> Result<(), FetchError> {
        let archives = self.files.iter().map(RemoteFile::name).filter(|name| name.ends_with(".zip"));
        archives.map(|name| folder.join(name)).try_for_each(|archive| unzip(&archive, self.unpack, folder))
    }
}

impl RemoteFile<'_> {
    /// Its name in a folder.
    pub fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or(self.url)
    }
}

/// The set of that name.
pub fn find(name: &str) -> Option<&'static RemoteSet> {
    ALL.iter().find(|set| set.name == name)
}

const fn file(url: &'static str, bytes: u64, sha256: &'static str) -> RemoteFile<'static> {
    RemoteFile { url, bytes, sha256 }
}

/// The four IDX files that MNIST and its relatives consist of.
const IDX: &[(&str, Setting)] = &[
    ("name", Setting::Word("idx")),
    ("images", Setting::File("train-images-idx3-ubyte.gz")),
    ("labels", Setting::File("train-labels-idx1-ubyte.gz")),
    ("test_images", Setting::File("t10k-images-idx3-ubyte.gz")),
    ("test_labels", Setting::File("t10k-labels-idx1-ubyte.gz")),
];

/// Every set. Addresses, lengths and checksums are those that TensorFlow Datasets records, which were compared with the
/// addresses and MD5 sums of torchvision 0.29.2 (`torchvision/datasets/mnist.py`): `tensorflow_datasets/url_checksums` of the
/// package tensorflow-datasets 4.9.10 on PyPI.
pub const ALL: &[RemoteSet] = &[
    RemoteSet {
        name: "mnist",
        about: "70,000 digits, 28 x 28, 10 classes",
        licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher J. C. Burges)",
        page: "http://yann.lecun.com/exdb/mnist/",
        // `mnist.txt`: the copy of the CVDF, because the authors' own server answers seldom.
        files: &[
            file(
                "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            file(
                "https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            file(
                "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            file(
                "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
                4542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ],
        unpack: "",
        remark: "",
        settings: IDX,
    },
    RemoteSet {
        name: "fashion-mnist",
        about: "70,000 pictures of clothes, 28 x 28, 10 classes",
        licence: "MIT (Zalando SE)",
        page: "https://github.com/zalandoresearch/fashion-mnist",
        // `fashion_mnist.txt`
        files: &[
            file(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            file(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            file(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            file(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz",
                5148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ],
        unpack: "",
        remark: "",
        settings: &[("name", Setting::Word("fashion-mnist")), ("path", Setting::Folder)],
    },
    RemoteSet {
        name: "kmnist",
        about: "70,000 Japanese characters in cursive writing, 28 x 28, 10 classes",
        licence: "CC BY-SA 4.0 (ROIS-DS Center for Open Data in the Humanities)",
        page: "https://github.com/rois-codh/kmnist",
        // `kmnist.txt`
        files: &[
            file(
                "http://codh.rois.ac.jp/kmnist/dataset/kmnist/train-images-idx3-ubyte.gz",
                18_165_135,
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            ),
            file(
                "http://codh.rois.ac.jp/kmnist/dataset/kmnist/train-labels-idx1-ubyte.gz",
                29_497,
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            ),
            file(
                "http://codh.rois.ac.jp/kmnist/dataset/kmnist/t10k-images-idx3-ubyte.gz",
                3_041_136,
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            ),
            file(
                "http://codh.rois.ac.jp/kmnist/dataset/kmnist/t10k-labels-idx1-ubyte.gz",
                5120,
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            ),
        ],
        unpack: "",
        remark: "",
        settings: IDX,
    },
    RemoteSet {
        name: "cifar-10",
        about: "60,000 pictures of things, 3 x 32 x 32, 10 classes",
        licence: "none is stated (Alex Krizhevsky, Vinod Nair, Geoffrey Hinton)",
        page: "https://www.cs.toronto.edu/~kriz/cifar.html",
        // `cifar10.txt`
        files: &[file(
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        )],
        unpack: "",
        remark: "",
        settings: &[("name", Setting::Word("cifar-10")), ("path", Setting::File("cifar-10-binary.tar.gz"))],
    },
    RemoteSet {
        name: "emnist",
        about: "814,255 letters and digits, 28 x 28, in six selections: balanced, byclass, bymerge, digits, letters, mnist",
        licence: "none is stated (Cohen et al. 2017, from NIST Special Database 19)",
        page: "https://www.nist.gov/itl/products-and-services/emnist-dataset",
        // `emnist.txt`
        files: &[file(
            "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
            561_753_746,
            "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
        )],
        unpack: "-ubyte.gz",
        // So says the same package in `image_classification/mnist.py`.
        remark: "rows and columns of its images are exchanged: they are mirrored and lie on their side",
        settings: &[
            ("name", Setting::Word("idx")),
            ("images", Setting::File("emnist-balanced-train-images-idx3-ubyte.gz")),
            ("labels", Setting::File("emnist-balanced-train-labels-idx1-ubyte.gz")),
            ("hold_out", Setting::Number(0.1)),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_checksum_and_a_plain_name_and_settings_name_files_of_the_set() {
        for set in ALL {
            assert_eq!(find(set.name).map(|found| found.name), Some(set.name));
            for file in set.files {
                assert!(file.sha256.len() == 64 && file.sha256.bytes().all(|digit| digit.is_ascii_hexdigit()));
                assert!(file.bytes > 0 && file.url.starts_with("http") && !file.name().is_empty());
            }
            for (_, setting) in set.settings {
                if let Setting::File(name) = setting {
                    let is_unpacked = !set.unpack.is_empty() && name.ends_with(set.unpack);
                    assert!(is_unpacked || set.files.iter().any(|file| file.name() == *name), "{}: {name}", set.name);
                }
            }
        }
    }
}
