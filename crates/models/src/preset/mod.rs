//! Named compositions. Each file owns one, or those of one study: settings that lie under what the user writes.

mod acgan;
mod began;
mod cgan;
mod cyclegan;
mod dcgan;
mod dragan;
mod ebgan;
mod gan;
mod guide;
mod infogan;
mod lsgan;
mod lucic;
mod mlp;
mod nsgan;
mod pacgan;
mod pix2pix;
mod projection;
mod rpgan;
mod sagan;
mod sngan;
mod specgan;
mod stylegan2;
mod tgan;
mod wavegan;
mod wgan;
mod wgan_gp;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

/// A named composition of architecture, loss and training settings.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Preset {
    /// Value of `model.preset`.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Where it is from.
    pub paper: &'static str,
    #[serde(skip)]
    settings: fn() -> Value,
}

impl Preset {
    /// Its settings, as a part of `run`.
    pub fn settings(&self) -> Value {
        (self.settings)()
    }

    /// Whether it makes sounds: it then names a data set of them.
    pub fn is_for_sounds(&self) -> bool {
        self.settings().get("data").is_some() && !self.is_for_videos()
    }

    /// Whether it makes videos: it then names a data set of them.
    pub fn is_for_videos(&self) -> bool {
        self.settings()["model"]["generator"]["architecture"] == "tgan"
    }

    /// Whether its task translates samples, and so needs data with inputs.
    pub fn translates(&self) -> bool {
        !self.settings()["model"]["task"].is_null()
    }
}

/// Every preset.
pub const ALL: [Preset; 35] = [
    guide::PRESET,
    dcgan::PRESET,
    mlp::PRESET,
    gan::PRESET,
    nsgan::PRESET,
    lsgan::PRESET,
    wgan::PRESET,
    wgan_gp::PRESET,
    dragan::PRESET,
    sngan::PRESET,
    sagan::PRESET,
    rpgan::PRESET,
    pacgan::PRESET,
    stylegan2::PRESET,
    wavegan::PRESET,
    wavegan::SMALL,
    specgan::PRESET,
    specgan::SMALL,
    tgan::PRESET,
    tgan::SMALL,
    cgan::PRESET,
    acgan::PRESET,
    projection::PRESET,
    infogan::PRESET,
    ebgan::PRESET,
    began::PRESET,
    pix2pix::PRESET,
    cyclegan::PRESET,
    lucic::MM_GAN,
    lucic::NS_GAN,
    lucic::LSGAN,
    lucic::WGAN,
    lucic::WGAN_GP,
    lucic::DRAGAN,
    lucic::BEGAN,
];

/// The preset of that name.
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// `null` or the name of a preset.
pub(crate) fn schema(_: &mut SchemaGenerator) -> Schema {
    let names = ALL.iter().map(|preset| Value::from(preset.name));
    let names: Vec<Value> = names.chain([Value::Null]).collect();
    json_schema!({ "enum": names })
}
