//! The text of a run's `config.yaml`.

use serde_json::{Map, Value, json};
use std::fmt::Write;

/// An experiment file of one run with these resolved settings. Numbers and strings are written as in JSON, whose texts are
/// YAML: what is read again has the same bits.
pub(crate) fn config_file(settings: &Value) -> String {
    let mut out = String::new();
    write(&json!({ "run": settings }), 0, &mut out);
    out
}

/// Maps and lists by indented lines, everything else in one line.
fn write(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) => write_map(map, indent, out),
        Value::Array(items) => {
            for item in items {
                let _ = writeln!(out, "{:indent$}- {item}", "");
            }
        }
        scalar => {
            let _ = writeln!(out, "{:indent$}{scalar}", "");
        }
    }
}

fn write_map(map: &Map<String, Value>, indent: usize, out: &mut String) {
    for (key, value) in map {
        let is_block = match value {
            Value::Object(map) => !map.is_empty(),
            Value::Array(items) => items.iter().any(Value::is_object),
            _ => false,
        };
        let plain =
            key.chars().all(|c| c.is_ascii_lowercase() || c == '_') && key != "null" && key != "true" && key != "false";
        let key = if plain { key.clone() } else { Value::from(key.as_str()).to_string() };
        if is_block {
            let _ = writeln!(out, "{:indent$}{key}:", "");
            write(value, indent + 2, out);
        } else {
            let _ = writeln!(out, "{:indent$}{key}: {value}", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::planning;
    use training::RunConfig;

    /// Also through JSON, as the orders of a worker are.
    #[test]
    fn settings_are_read_with_their_bits() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yaml");
        let rates = [1e-30, 3.0163e-4, 0.1 + 0.2, 1.0 / 3.0, 1.1754944e-38, 3.0e38, 9.106e-27];
        for (seed, lr) in (0..).map(|n| u64::MAX - n).zip(rates) {
            let mut config = RunConfig::default();
            (config.seed, config.train.generator.lr) = (seed, lr);
            let settings: Value = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
            std::fs::write(&file, config_file(&settings)).unwrap();
            assert_eq!(planning::resolved(&file).unwrap(), config, "{lr:e}");
        }
    }

    #[test]
    fn lists_of_maps_have_a_line_for_each_and_other_lists_one() {
        let settings = json!({ "a_b": [1, 2.0], "Aé\n": "x: #", "empty": {}, "layers": [{ "dense": 1 }, "relu"] });
        let expected = "run:\n  a_b: [1,2.0]\n  \"Aé\\n\": \"x: #\"\n  empty: {}\n  layers:\n    - {\"dense\":1}\n    - \"relu\"\n";
        assert_eq!(config_file(&settings), expected);
    }
}
