//! The values that TensorBoard's plugins expect.

use crate::media::{Picture, Sound};
use protobuf::Message;
use record::{Histogram, Media};
use std::io;
use tensorboard_proto::layout::Layout;
use tensorboard_proto::plugin_text::TextPluginData;
use tensorboard_proto::summary::{
    HistogramProto, Summary_Audio, Summary_Image, Summary_Value, SummaryMetadata, SummaryMetadata_PluginData,
};
use tensorboard_proto::tensor::TensorProto;
use tensorboard_proto::tensor_shape::TensorShapeProto;
use tensorboard_proto::types::DataType;

/// A point of a curve. TensorBoard's default loader reads `f32` only; NaN and infinities are allowed.
pub(super) fn scalar(tag: &str, number: f64) -> Summary_Value {
    let mut value = Summary_Value::new();
    value.set_tag(tag.into());
    value.set_simple_value(number as f32);
    value
}

/// A picture or a film, as the PNG that it is.
pub(super) fn picture(tag: &str, picture: Picture, png: Vec<u8>) -> Summary_Value {
    let mut image = Summary_Image::new();
    // `media::png` admits no side above `i32::MAX`.
    image.set_width(picture.width as i32);
    image.set_height(picture.height as i32);
    image.set_colorspace(i32::from(picture.channels));
    image.set_encoded_image_string(png);
    let mut value = Summary_Value::new();
    value.set_tag(tag.into());
    value.set_image(image);
    value
}

/// A sound, as the file that it is.
pub(super) fn sound(tag: &str, sound: Sound, media: Media, bytes: Vec<u8>) -> Summary_Value {
    let mut audio = Summary_Audio::new();
    audio.set_sample_rate(sound.rate as f32);
    audio.set_num_channels(i64::from(sound.channels));
    audio.set_length_frames(sound.frames as i64);
    audio.set_content_type(media.mime().into());
    audio.set_encoded_audio_string(bytes);
    let mut value = Summary_Value::new();
    value.set_tag(tag.into());
    value.set_audio(audio);
    value
}

/// A distribution.
pub(super) fn histogram(tag: &str, histogram: &Histogram) -> Summary_Value {
    let mut proto = HistogramProto::new();
    proto.set_min(histogram.min);
    proto.set_max(histogram.max);
    proto.set_num(histogram.count() as f64);
    proto.set_sum(histogram.sum);
    proto.set_sum_squares(histogram.sum_squares);
    proto.set_bucket_limit(histogram.ends());
    proto.set_bucket(histogram.counts.iter().map(|count| *count as f64).collect());
    let mut value = Summary_Value::new();
    value.set_tag(tag.into());
    value.set_histo(proto);
    value
}

/// A text in Markdown.
pub(super) fn text(tag: &str, markdown: String) -> Summary_Value {
    let content = TextPluginData::new().write_to_bytes().unwrap_or_default();
    let mut tensor = TensorProto::new();
    tensor.set_dtype(DataType::DT_STRING);
    tensor.set_tensor_shape(TensorShapeProto::new());
    tensor.set_string_val(vec![markdown.into_bytes()].into());
    plugin(tag, "text", content, tensor)
}

/// A message of the HParams plugin. It lies in the metadata; the tensor only makes the value valid.
pub(super) fn hparams(tag: &str, message: Vec<u8>) -> Summary_Value {
    let mut tensor = TensorProto::new();
    tensor.set_dtype(DataType::DT_FLOAT);
    tensor.set_tensor_shape(TensorShapeProto::new());
    tensor.set_float_val(vec![0.0]);
    plugin(tag, "hparams", message, tensor)
}

/// The arrangement of the tab of custom scalars.
pub(super) fn layout(layout: Layout) -> io::Result<Summary_Value> {
    let mut tensor = TensorProto::new();
    tensor.set_dtype(DataType::DT_STRING);
    tensor.set_tensor_shape(TensorShapeProto::new());
    tensor.set_string_val(vec![layout.write_to_bytes()?].into());
    Ok(plugin("custom_scalars__config__", "custom_scalars", Vec::new(), tensor))
}

fn plugin(tag: &str, name: &str, content: Vec<u8>, tensor: TensorProto) -> Summary_Value {
    let mut data = SummaryMetadata_PluginData::new();
    data.set_plugin_name(name.into());
    data.set_content(content);
    let mut metadata = SummaryMetadata::new();
    metadata.set_plugin_data(data);
    let mut value = Summary_Value::new();
    value.set_tag(tag.into());
    value.set_metadata(metadata);
    value.set_tensor(tensor);
    value
}
