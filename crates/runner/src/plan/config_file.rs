//! The text of a run's `config.yaml`.

use saphyr::YamlEmitter;
use serde_json::{Value, json};

/// An experiment file of one run with these resolved settings.
pub(crate) fn config_file(settings: &Value) -> String {
    let text = json!({ "run": settings }).to_string();
    let document = saphyr::LoadableYamlNode::load_from_str(&text);
    let documents: Vec<saphyr::Yaml> = document.expect("JSON is YAML");
    let mut out = String::new();
    YamlEmitter::new(&mut out).dump(&documents[0]).expect("a string takes all text");
    out.trim_start_matches("---\n").to_owned() + "\n"
}
