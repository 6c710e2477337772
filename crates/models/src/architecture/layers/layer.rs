//! A layer as it is written in a list: `relu`, `{ dense: 128 }`, `{ conv: { channels: 64, kernel: 4, stride: 2 } }`.

use super::per_axis::PerAxis;
use super::short::{self, Form, Short};
use crate::minibatch::{DIMENSIONS, KERNELS};
use schemars::{JsonSchema, Schema};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::fmt::Formatter;
use std::iter::once;

/// One layer of a list.
///
/// # Shapes
/// Values are `[channels, height, width]` of each sample; a vector is `[length, 1, 1]`.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(remote = "Self", rename_all = "snake_case")]
#[schemars(rename = "Layer", transform = with_words)]
pub enum LayerConfig {
    /// All numbers of a sample, of any shape, to a vector: the count of outputs, or a map.
    Dense(
        #[serde(serialize_with = "short::write", deserialize_with = "short::read")]
        #[schemars(with = "Form<DenseConfig>")]
        DenseConfig,
    ),
    /// Convolution. Without `padding` the output is the input divided by the stride, rounded up.
    Conv(ConvolutionConfig),
    /// Transposed convolution. Without `padding` the output is the input times the stride.
    ConvTranspose(ConvolutionConfig),
    /// Each pixel repeated: so many times as high and wide.
    Upsample(PerAxis),
    /// The mean of each block of pixels: so many times less high and wide.
    AveragePool(PerAxis),
    /// Half as high and wide, each four pixels weighted by [1, 3, 3, 1] along the axes whose number is 2 (Karras et al. 2020,
    /// arXiv 1912.04958).
    SmoothPool(PerAxis),
    /// The sum of all pixels of each channel.
    SumPool(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// Batch normalisation of each channel (Ioffe and Szegedy 2015, arXiv 1502.03167).
    BatchNorm(#[serde(deserialize_with = "short::or_defaults")] BatchNormConfig),
    /// Layer normalisation over all numbers of a sample, with a gain and a shift of each channel (Ba et al. 2016, arXiv
    /// 1607.06450).
    LayerNorm(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// Instance normalisation of each channel of each sample, without gain and shift (Ulyanov et al. 2016, arXiv 1607.08022).
    InstanceNorm(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// max(0, x).
    Relu(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// x, times the slope where it is negative: the slope, or a map.
    LeakyRelu(
        #[serde(serialize_with = "short::write", deserialize_with = "short::read")]
        #[schemars(with = "Form<LeakyReluConfig>")]
        LeakyReluConfig,
    ),
    /// Into (-1, 1).
    Tanh(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// Into (0, 1).
    Sigmoid(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// Times a constant.
    Scale(f64),
    /// The largest of each so many numbers that follow one another in a vector (Goodfellow et al. 2013, arXiv 1302.4389).
    Maxout(usize),
    /// Self-attention over all pixels (Zhang et al. 2019, arXiv 1805.08318).
    SelfAttention(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// One more channel with the standard deviation in groups of four samples (Karras et al. 2018, arXiv 1710.10196).
    MinibatchDeviation(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// A vector with one more number for each kernel, which says how alike the samples of a batch are (Salimans et al. 2016,
    /// arXiv 1606.03498).
    MinibatchDiscrimination(#[serde(deserialize_with = "short::or_defaults")] MinibatchDiscriminationConfig),
    /// In a discriminator while it learns: each sample moved along its width, up to so many places either way (Donahue et al.
    /// 2019, arXiv 1802.04208).
    PhaseShuffle(usize),
    /// While networks learn, each number is left out with this probability, in [0, 1), and the others grow by what is missing
    /// (Srivastava et al. 2014, JMLR 15).
    Dropout(f64),
    /// The sum of two branches of one output shape: the list of one beside the input itself, or a map of both (He et al. 2016,
    /// arXiv 1512.03385).
    Residual(
        #[serde(serialize_with = "short::write", deserialize_with = "short::read")]
        #[schemars(with = "Form<ResidualConfig>")]
        ResidualConfig,
    ),
    /// The input's channels, then those of a branch with the same height and width, as in a U-Net (Ronneberger et al. 2015,
    /// arXiv 1505.04597).
    Skip(Vec<LayerConfig>),
    /// The same numbers as `[channels, height, width]`.
    Reshape([usize; 3]),
    /// The same numbers as a vector.
    Flatten(#[serde(deserialize_with = "short::or_defaults")] Nothing),
    /// So many rows and columns more at each border, as a mirror on the outermost pixels shows them.
    Reflect(PerAxis),
    /// Another `[height, width]`: zeros are added, or pixels cut off, at the far borders.
    Fit([usize; 2]),
}

/// No settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `dense`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DenseConfig {
    /// Length of the vector.
    pub outputs: usize,
    /// Whether a bias is added.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub bias: bool,
}

/// `conv` and `conv_transpose`. Numbers of both axes, or one for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvolutionConfig {
    /// Channels of the output.
    pub channels: usize,
    /// Pixels across the kernel.
    pub kernel: PerAxis,
    /// Pixels from one place of the kernel to the next.
    #[serde(default = "one", skip_serializing_if = "PerAxis::is_one")]
    pub stride: PerAxis,
    /// Rows and columns of zeros at each border of the convolution's larger side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<PerAxis>,
    /// Whether a bias is added.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub bias: bool,
}

/// `batch_norm`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchNormConfig {
    /// Added to the variance.
    #[serde(skip_serializing_if = "is_epsilon")]
    pub epsilon: f64,
    /// Share of each batch in the running statistics, as in PyTorch; Keras' `momentum` is one minus this.
    #[serde(skip_serializing_if = "is_momentum")]
    pub momentum: f64,
}

/// `leaky_relu`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeakyReluConfig {
    /// Below 0.
    #[serde(skip_serializing_if = "is_slope")]
    pub slope: f64,
    /// What every number is multiplied by.
    #[serde(skip_serializing_if = "is_gain")]
    pub gain: f64,
}

/// `minibatch_discrimination`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MinibatchDiscriminationConfig {
    /// Numbers that are added.
    #[serde(skip_serializing_if = "is_kernels")]
    pub kernels: usize,
    /// Numbers that samples are compared by, for each kernel.
    #[serde(skip_serializing_if = "is_dimensions")]
    pub dimensions: usize,
}

/// `residual`.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidualConfig {
    /// One branch.
    pub main: Vec<LayerConfig>,
    /// The other one; the input itself without layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<LayerConfig>,
}

const EPSILON: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;
const SLOPE: f64 = 0.2;

impl Default for BatchNormConfig {
    fn default() -> Self {
        Self { epsilon: EPSILON, momentum: MOMENTUM }
    }
}

impl Default for LeakyReluConfig {
    fn default() -> Self {
        Self { slope: SLOPE, gain: 1.0 }
    }
}

impl Default for MinibatchDiscriminationConfig {
    fn default() -> Self {
        Self { kernels: KERNELS, dimensions: DIMENSIONS }
    }
}

impl Short for DenseConfig {
    type One = usize;
    const KEY: &'static str = "outputs";
    const FORM: &'static str = "the count of outputs";

    fn of(outputs: usize) -> Self {
        Self { outputs, bias: true }
    }
}

impl Short for LeakyReluConfig {
    type One = f64;
    const KEY: &'static str = "slope";
    const FORM: &'static str = "the slope";

    fn of(slope: f64) -> Self {
        Self { slope, ..Self::default() }
    }

    fn defaults() -> Option<Self> {
        Some(Self::default())
    }
}

impl Short for ResidualConfig {
    type One = Vec<LayerConfig>;
    const KEY: &'static str = "main";
    const FORM: &'static str = "a list of layers";

    fn of(main: Vec<LayerConfig>) -> Self {
        Self { main, skip: Vec::new() }
    }
}

/// Every layer's name.
pub(super) const NAMES: [&str; 27] = [
    "dense",
    "conv",
    "conv_transpose",
    "upsample",
    "average_pool",
    "smooth_pool",
    "sum_pool",
    "batch_norm",
    "layer_norm",
    "instance_norm",
    "relu",
    "leaky_relu",
    "tanh",
    "sigmoid",
    "scale",
    "maxout",
    "self_attention",
    "minibatch_deviation",
    "minibatch_discrimination",
    "phase_shuffle",
    "dropout",
    "residual",
    "skip",
    "reshape",
    "flatten",
    "reflect",
    "fit",
];

impl LayerConfig {
    /// Its name in a list.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
            Self::Conv(_) => "conv",
            Self::ConvTranspose(_) => "conv_transpose",
            Self::Upsample(_) => "upsample",
            Self::AveragePool(_) => "average_pool",
            Self::SmoothPool(_) => "smooth_pool",
            Self::SumPool(_) => "sum_pool",
            Self::BatchNorm(_) => "batch_norm",
            Self::LayerNorm(_) => "layer_norm",
            Self::InstanceNorm(_) => "instance_norm",
            Self::Relu(_) => "relu",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Tanh(_) => "tanh",
            Self::Sigmoid(_) => "sigmoid",
            Self::Scale(_) => "scale",
            Self::Maxout(_) => "maxout",
            Self::SelfAttention(_) => "self_attention",
            Self::MinibatchDeviation(_) => "minibatch_deviation",
            Self::MinibatchDiscrimination(_) => "minibatch_discrimination",
            Self::PhaseShuffle(_) => "phase_shuffle",
            Self::Dropout(_) => "dropout",
            Self::Residual(_) => "residual",
            Self::Skip(_) => "skip",
            Self::Reshape(_) => "reshape",
            Self::Flatten(_) => "flatten",
            Self::Reflect(_) => "reflect",
            Self::Fit(_) => "fit",
        }
    }
}

impl Serialize for LayerConfig {
    /// A layer without settings, or with defaults only, is its name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = Self::serialize(self, serde_json::value::Serializer).map_err(serde::ser::Error::custom)?;
        match &value[self.name()] {
            Value::Object(settings) if settings.is_empty() => self.name().serialize(serializer),
            _ => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for LayerConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrMap;
        impl<'de> Visitor<'de> for WordOrMap {
            type Value = LayerConfig;
            fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
                f.write_str("the name of a layer, or a map with the name and its settings")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<LayerConfig, E> {
                LayerConfig::deserialize(MapAccessDeserializer::new(MapDeserializer::new(once((word, ())))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LayerConfig, A::Error> {
                let name = map.next_key::<Name>()?.map(|Name(name)| name);
                let layer = LayerConfig::deserialize(MapAccessDeserializer::new(Named { name, map: &mut map }))?;
                match map.next_key::<Name>()? {
                    Some(Name(other)) => {
                        let message = format!("an entry is one layer, but `{}` and `{other}` are two", layer.name());
                        Err(A::Error::custom(message))
                    }
                    None => Ok(layer),
                }
            }
        }
        deserializer.deserialize_any(WordOrMap)
    }
}

/// The name of a layer as a key. Another one is an unknown key rather than a wrong value.
struct Name(&'static str);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;
        impl Visitor<'_> for Key {
            type Value = Name;
            fn expecting(&self, f: &mut Formatter) -> std::fmt::Result {
                f.write_str("the name of a layer")
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<Name, E> {
                let known = NAMES.iter().find(|name| **name == key);
                known.map(|name| Name(name)).ok_or_else(|| E::unknown_field(key, &NAMES))
            }
        }
        deserializer.deserialize_identifier(Key)
    }
}

/// A map whose first key was read.
struct Named<'a, A> {
    name: Option<&'static str>,
    map: &'a mut A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Named<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.name.take().map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// The schema with a description of each key, and with the names that can stand alone.
fn with_words(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.get_mut("oneOf") else { return };
    for variant in &mut *variants {
        let about = variant["description"].clone();
        let settings = variant["properties"].as_object_mut().into_iter().flat_map(|map| map.values_mut());
        settings.filter_map(Value::as_object_mut).for_each(|setting| {
            setting.entry("description").or_insert_with(|| about.clone());
        });
    }
    let names = variants.iter().filter_map(|variant| variant["required"][0].as_str());
    let words: Vec<_> = names.filter(|name| serde_json::from_value::<LayerConfig>(json!(name)).is_ok()).collect();
    let words = json!({ "description": "A layer with its defaults.", "enum": words });
    variants.push(words);
}

fn one() -> PerAxis {
    PerAxis::both(1)
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_epsilon(value: &f64) -> bool {
    *value == EPSILON
}

fn is_momentum(value: &f64) -> bool {
    *value == MOMENTUM
}

fn is_slope(value: &f64) -> bool {
    *value == SLOPE
}

fn is_gain(value: &f64) -> bool {
    *value == 1.0
}

fn is_kernels(value: &usize) -> bool {
    *value == KERNELS
}

fn is_dimensions(value: &usize) -> bool {
    *value == DIMENSIONS
}
