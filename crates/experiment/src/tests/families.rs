//! Members of open families: their settings are read through a layer that erases types.

use std::sync::Arc;

use family::{Choice, Family, Holds, Member, Registry, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::decode::inspect;
use crate::node::Node;
use crate::source::{Span, Texts};

trait Shape: Send + Sync {}

impl Family for dyn Shape {
    const NAME: &'static str = "Shape";
    const ABOUT: &'static str = "A shape.";
    const TAG: &'static str = "kind";
    const WRITES_WORDS: bool = true;
    type Entry = ();

    fn registry() -> &'static Registry<Self> {
        &SHAPES
    }
}

impl<S: Settings + Shape> Holds<S> for dyn Shape {
    fn hold(settings: S) -> Arc<Self> {
        Arc::new(settings)
    }

    fn entry() {}
}

static SHAPES: Registry<dyn Shape> = Registry::new(&[Member::of::<Circle>(), Member::of::<Group>()]);

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Circle {
    radius: f64,
    #[serde(default)]
    steps: Option<u8>,
}

impl Settings for Circle {
    const NAME: &'static str = "circle";
}

impl Shape for Circle {}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Group {
    members: Vec<Choice<dyn Shape>>,
}

impl Settings for Group {
    const NAME: &'static str = "group";
}

impl Shape for Group {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawing {
    shape: Choice<dyn Shape>,
}

#[test]
fn refusals_keep_their_kind_and_path() {
    for (drawing, expected) in [
        (json!({"shape": {"kind": "circle", "radius": 1}}), ""),
        (json!({"shape": "circl"}), "`circl` is not a valid value of `run.shape` (did you mean `circle`?)"),
        (json!({"shape": "circle"}), "the key `radius` is missing in `run.shape`"),
        (
            json!({"shape": {"radius": 1, "kind": "circl"}}),
            "`circl` is not a valid value of `run.shape.kind` (did you mean `circle`?)",
        ),
        (json!({"shape": {"kind": "circle"}}), "the key `radius` is missing in `run.shape`"),
        (
            json!({"shape": {"raduis": 1, "kind": "circle", "radius": 1}}),
            "unknown key `raduis` in `run.shape` (did you mean `radius`?)",
        ),
        (json!({"shape": {"radius": "x", "kind": "circle"}}), "`run.shape.radius` must be a number, not the text `x`"),
        (
            json!({"shape": {"steps": 300, "radius": "x", "kind": "circle"}}),
            "`run.shape.steps` must be at most 255, not the number `300`; `run.shape.radius` must be a number, not the text `x`",
        ),
        (
            json!({"shape": {"kind": "group", "members": [{"radius": [], "kind": "circle"}, {"kind": "circle"}, 5]}}),
            "`run.shape.members[0].radius` must be a number, not a list; \
             the key `radius` is missing in `run.shape.members[1]`; \
             `run.shape.members[2]` must be a word or a map with `kind`, not the number `5`",
        ),
        (json!({"shape": {"radius": 1}}), "the key `kind` is missing in `run.shape`"),
        (
            json!({"shape": {"knd": "circle", "radius": 1}}),
            "the key `kind` is missing in `run.shape`; unknown key `knd` in `run.shape` (did you mean `kind`?)",
        ),
    ] {
        let (_, faults) = inspect::<Drawing>(&Node::from_json(&drawing, Span::on_line(0, 1, 0, 0)), "run");
        let shown = faults.iter().map(|fault| match (fault.message(None, &Texts::default()), &fault.label) {
            (message, Some(label)) => format!("{message} ({label})"),
            (message, None) => message,
        });
        assert_eq!(shown.collect::<Vec<_>>().join("; "), expected, "{drawing}");
    }
}
