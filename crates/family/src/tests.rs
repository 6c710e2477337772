use crate::{AddError, Choice, Family, Holds, Member, Problem, Registry, Settings};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

trait Shape: Send + Sync {
    fn area(&self) -> f64;
}

impl Family for dyn Shape {
    const NAME: &'static str = "Shape";
    const ABOUT: &'static str = "A closed line in the plane.";
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

const BUILT_IN: &[Member<dyn Shape>] = &[Member::of::<Unit>(), Member::of::<Rectangle>(), Member::of::<Polygon>()];
static SHAPES: Registry<dyn Shape> = Registry::new(BUILT_IN);

/// Of side 1.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unit {}

impl Settings for Unit {
    const NAME: &'static str = "unit";
}

impl Shape for Unit {
    fn area(&self) -> f64 {
        1.0
    }
}

/// With four right angles.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Rectangle {
    /// Across.
    width: f64,
    /// Up.
    height: u8,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u8>,
}

impl Default for Rectangle {
    fn default() -> Self {
        Self { width: 2.0, height: 3, number: None }
    }
}

impl Settings for Rectangle {
    const NAME: &'static str = "rectangle";
}

impl Shape for Rectangle {
    fn area(&self) -> f64 {
        self.width * f64::from(self.height)
    }
}

/// With sides that must be given.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Polygon {
    /// How long they are; all angles are equal.
    sides: Vec<f64>,
    /// Of the area.
    #[serde(default = "one")]
    factor: f64,
}

fn one() -> f64 {
    1.0
}

impl Settings for Polygon {
    const NAME: &'static str = "polygon";
    const KEYS: &'static [&'static str] = &["sides"];
}

impl Shape for Polygon {
    fn area(&self) -> f64 {
        self.sides.iter().sum::<f64>() * self.factor
    }
}

type Chosen = Choice<dyn Shape>;

#[test]
fn words_and_maps_are_read_and_written() {
    for (written, area, back) in [
        (r#""unit""#, 1.0, r#""unit""#),
        (r#"{"kind":"unit"}"#, 1.0, r#""unit""#),
        (r#""rectangle""#, 6.0, r#"{"kind":"rectangle","width":2.0,"height":3}"#),
        (r#"{"kind":"rectangle","height":4}"#, 8.0, r#"{"kind":"rectangle","width":2.0,"height":4}"#),
        (
            r#"{"height":4,"kind":"rectangle","number":1,"width":1}"#,
            4.0,
            r#"{"kind":"rectangle","width":1.0,"height":4,"number":1}"#,
        ),
        (r#"{"sides":[1],"kind":"polygon"}"#, 1.0, r#"{"kind":"polygon","sides":[1.0],"factor":1.0}"#),
        // A setting that only one member has tells it.
        (r#"{"sides":[1,2],"factor":2}"#, 6.0, r#"{"kind":"polygon","sides":[1.0,2.0],"factor":2.0}"#),
        (r#"{"factor":2,"sides":[3]}"#, 6.0, r#"{"kind":"polygon","sides":[3.0],"factor":2.0}"#),
    ] {
        let read: Chosen = serde_json::from_str(written).unwrap();
        assert_eq!(read.area(), area, "{written}");
        assert_eq!(serde_json::to_string(&read).unwrap(), back);
        let again: Chosen = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(read, again);
    }
}

#[test]
fn what_does_not_fit_is_refused_in_the_words_of_serde() {
    for (written, expected) in [
        (json!("circle"), "unknown variant `circle`, expected one of `unit`, `rectangle`, `polygon`"),
        (json!({"kind": "circle"}), "unknown variant `circle`, expected one of `unit`, `rectangle`, `polygon`"),
        (json!({"height": 1}), "missing field `kind`"),
        (json!({"kind": 5}), "invalid type: integer `5`, expected a name"),
        (json!(5), "invalid type: integer `5`, expected a word or a map with `kind`"),
        (json!({"kind": "unit", "side": 1}), "unknown field `side`, there are no fields"),
        (
            json!({"kind": "rectangle", "hight": 1}),
            "unknown field `hight`, expected one of `width`, `height`, `number`",
        ),
        (json!({"kind": "rectangle", "height": "x"}), r#"invalid type: string "x", expected u8"#),
        (json!({"height": 300, "kind": "rectangle"}), "invalid value: integer `300`, expected u8"),
        (json!("polygon"), "missing field `sides`"),
        (json!({"sides": [], "kind": "unit"}), "the settings are those of `polygon`, not of `unit`"),
        (json!({"sides": [], "height": 1}), "unknown field `height`, expected `sides` or `factor`"),
        (json!({"sides": "x"}), r#"invalid type: string "x", expected a sequence"#),
    ] {
        assert_eq!(serde_json::from_value::<Chosen>(written.clone()).unwrap_err().to_string(), expected, "{written}");
    }
}

#[test]
fn equal_are_those_of_one_name_and_the_same_settings() {
    let of = |width: f64| Chosen::of(Rectangle { width, ..Rectangle::default() });
    assert_eq!(of(1.0), of(1.0));
    assert_ne!(of(1.0), of(2.0));
    assert_ne!(of(1.0), Chosen::of(Unit {}));
    assert_eq!(format!("{:?}", of(1.0)), "rectangle { width: 1.0, height: 3 }");
}

#[test]
fn the_list_has_members_with_defaults_and_without() {
    let names: Vec<_> = SHAPES.defaults().map(|shape| shape.name()).collect();
    assert_eq!(names, ["unit", "rectangle"]);
    assert_eq!(SHAPES.names(), ["unit", "rectangle", "polygon"]);
    assert!(SHAPES.find("circle").is_none());
}

#[test]
fn the_schema_has_the_words_and_the_maps() {
    let mut generator = SchemaGenerator::default();
    let schema = Chosen::json_schema(&mut generator).to_value();
    assert_eq!(schema, json!({ "anyOf": [{ "enum": ["unit", "rectangle"] }, { "$ref": "#/$defs/Shape" }] }));
    let definitions = generator.take_definitions(true);
    let maps = &definitions["Shape"]["oneOf"];
    assert_eq!(
        maps[0],
        json!({
            "description": "Of side 1.",
            "type": "object",
            "properties": { "kind": { "type": "string", "const": "unit" } },
            "additionalProperties": false,
            "required": ["kind"],
        })
    );
    let keys = |map: &Value| map["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&maps[1]), ["kind", "width", "height", "number"]);
    assert_eq!(maps[1]["properties"]["height"]["description"], "Up.");
    assert_eq!(definitions["Shape"]["description"], "A closed line in the plane.");
    assert_eq!(maps[2]["required"], json!(["sides"]));
}

#[test]
fn members_are_added_before_the_first_use_and_once() {
    static SOME: Registry<dyn Shape> = Registry::new(&[Member::of::<Unit>()]);
    assert_eq!(SOME.add::<Unit>(), Err(AddError::Duplicate { family: "Shape", name: "unit" }));
    assert_eq!(SOME.add::<Polygon>(), Ok(()));
    assert_eq!(SOME.add::<Polygon>(), Err(AddError::Duplicate { family: "Shape", name: "polygon" }));
    assert_eq!(SOME.names(), ["unit", "polygon"]);
    let late = SOME.add::<Rectangle>().unwrap_err();
    assert_eq!(late, AddError::Late { family: "Shape", name: "rectangle" });
    assert_eq!(
        late.to_string(),
        "`rectangle` comes too late: members of Shape are added before the first use of its list"
    );
}

#[test]
fn a_problem_is_placed_from_above() {
    let problem = Problem::here("no such thing").below("loss");
    assert_eq!(problem, Problem::at("loss", "no such thing"));
    assert_eq!(Problem::at("margin", "must be above 0").below("loss").to_string(), "loss.margin: must be above 0");
}
