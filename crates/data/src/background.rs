//! The colour behind transparent pixels.

use std::borrow::Cow;
use std::str::FromStr;

use image::{DynamicImage, Rgb, RgbImage, Rgba};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Red, green, blue; written `white`, `black` or in six hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background(pub [u8; 3]);

const WORDS: [(&str, Background); 2] = [("white", Background([255; 3])), ("black", Background([0; 3]))];

/// The image without alpha: the background shows through. Alpha that is full everywhere says nothing.
///
/// # Errors
/// It is transparent and there is no background; a sentence without a full stop.
pub(crate) fn opaque(image: DynamicImage, background: Option<Background>) -> Result<DynamicImage, String> {
    let is_opaque = match &image {
        DynamicImage::ImageLumaA8(image) => image.pixels().all(|pixel| pixel.0[1] == u8::MAX),
        DynamicImage::ImageRgba8(image) => image.pixels().all(|pixel| pixel.0[3] == u8::MAX),
        _ => true,
    };
    match (image, background) {
        (image @ DynamicImage::ImageLumaA8(_), _) if is_opaque => Ok(DynamicImage::ImageLuma8(image.into_luma8())),
        (image @ DynamicImage::ImageRgba8(_), _) if is_opaque => Ok(DynamicImage::ImageRgb8(image.into_rgb8())),
        (image, _) if is_opaque => Ok(image),
        (_, None) => Err("it is transparent in places; a `background` would show behind it".to_owned()),
        (image, Some(Background(behind))) => {
            let image = image.into_rgba8();
            let blend = |Rgba([rgb @ .., alpha]): &Rgba<u8>| {
                Rgb(std::array::from_fn(|channel| mixed(rgb[channel], behind[channel], *alpha)))
            };
            let pixels = image.pixels().flat_map(|pixel| blend(pixel).0).collect();
            let image = RgbImage::from_raw(image.width(), image.height(), pixels);
            Ok(DynamicImage::ImageRgb8(image.expect("three values a pixel")))
        }
    }
}

/// `alpha` parts of 255 of the pixel before the other, rounded.
fn mixed(before: u8, behind: u8, alpha: u8) -> u8 {
    let [before, behind, alpha] = [before, behind, alpha].map(u32::from);
    ((alpha * before + (255 - alpha) * behind + 127) / 255) as u8
}

impl FromStr for Background {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = WORDS.into_iter().find(|(word, _)| *word == text).map(|(_, color)| color);
        let digits = text.strip_prefix('#').unwrap_or(text);
        let is_hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex);
        let color = word.or(number.map(|number| {
            let [_, rgb @ ..] = number.to_be_bytes();
            Background(rgb)
        }));
        color.ok_or_else(|| format!("`{text}` is no background: `white`, `black` or \"RRGGBB\" in quotes"))
    }
}

impl Serialize for Background {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = WORDS.iter().find(|(_, color)| color == self).map(|(word, _)| (*word).to_owned());
        let [red, green, blue] = self.0;
        serializer.serialize_str(&word.unwrap_or_else(|| format!("{red:02x}{green:02x}{blue:02x}")))
    }
}

/// Of digits alone YAML makes a number.
impl<'de> Deserialize<'de> for Background {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Background;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("`white`, `black` or \"RRGGBB\" in quotes")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Background, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Background, E> {
                self.visit_str(&format!("{number:06}"))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Background, E> {
                self.visit_str(&format!("{number:06}"))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl JsonSchema for Background {
    fn schema_name() -> Cow<'static, str> {
        "Background".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "pattern": "^(white|black|#?[0-9A-Fa-f]{6})$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn words_and_digits_are_colours() {
        let read = |value: Value| serde_json::from_value::<Background>(value).ok().map(|background| background.0);
        assert_eq!(read(json!("white")), Some([255; 3]));
        assert_eq!(read(json!("#Ff8000")), Some([255, 128, 0]));
        assert_eq!(read(json!(1122)), Some([0, 0x11, 0x22]), "001122 without quotes");
        for wrong in
            [json!("red"), json!("fff"), json!("+12345"), json!("ééé"), json!(1_234_567), json!(-1), json!(0.5)]
        {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
        for text in ["white", "black", "0a0b0c"] {
            assert_eq!(serde_json::to_value(text.parse::<Background>().unwrap()).unwrap(), json!(text));
        }
    }
}
