//! Open families: a setting whose value is one member of a list, such as `loss: hinge` or
//! `loss: { kind: energy, margin: 2 }`.
//!
//! A family is a trait. A member is a struct of settings that implements the trait. The built-in members stand in one list;
//! a program adds others to it when it starts. [`Choice`] is the value of the setting: it reads, writes and compares a
//! member by its settings, describes all members in the JSON Schema, and dereferences to the trait.
//!
//! # Opening a family
//!
//! ```
//! use family::{AddError, Choice, Family, Holds, Member, Registry, Settings};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use std::sync::Arc;
//!
//! /// 1. The trait: what every member can do. `entry` is what lists say of a member without having one.
//! pub trait Shape: Send + Sync {
//!     fn entry() -> &'static str
//!     where
//!         Self: Sized;
//!     fn area(&self) -> f64;
//! }
//!
//! /// 2. The family: its name and description in the schema, the key that names a member, and the list.
//! impl Family for dyn Shape {
//!     const NAME: &'static str = "Shape";
//!     const ABOUT: &'static str = "A closed line in the plane.";
//!     const TAG: &'static str = "kind";
//!     const WRITES_WORDS: bool = true;
//!     type Entry = &'static str;
//!     fn registry() -> &'static Registry<Self> {
//!         &SHAPES
//!     }
//! }
//!
//! /// 3. Whatever implements the trait can be a member.
//! impl<S: Settings + Shape> Holds<S> for dyn Shape {
//!     fn hold(settings: S) -> Arc<Self> {
//!         Arc::new(settings)
//!     }
//!     fn entry() -> &'static str {
//!         S::entry()
//!     }
//! }
//!
//! /// 4. The one list.
//! const BUILT_IN: &[Member<dyn Shape>] = &[Member::of::<Unit>(), Member::of::<Circle>()];
//! static SHAPES: Registry<dyn Shape> = Registry::new(BUILT_IN);
//!
//! /// A member, usually in a file of its own: settings, name, and what it does. This doc is its description in the schema.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(default, deny_unknown_fields)]
//! struct Circle {
//!     /// Above 0.
//!     radius: f64,
//! }
//! impl Default for Circle {
//!     fn default() -> Self {
//!         Self { radius: 1.0 }
//!     }
//! }
//! impl Settings for Circle {
//!     const NAME: &'static str = "circle";
//! }
//! impl Shape for Circle {
//!     fn entry() -> &'static str {
//!         "pi radius^2"
//!     }
//!     fn area(&self) -> f64 {
//!         std::f64::consts::PI * self.radius.powi(2)
//!     }
//! }
//!
//! /// A square of side 1: without settings. The braces let serde refuse unknown keys.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Unit {}
//! impl Settings for Unit {
//!     const NAME: &'static str = "unit";
//! }
//! impl Shape for Unit {
//!     fn entry() -> &'static str {
//!         "1"
//!     }
//!     fn area(&self) -> f64 {
//!         1.0
//!     }
//! }
//!
//! let shape: Choice<dyn Shape> = serde_json::from_str(r#"{ "kind": "circle", "radius": 2.0 }"#).unwrap();
//! assert_eq!(shape.area(), 4.0 * std::f64::consts::PI);
//! assert_eq!(serde_json::to_string(&shape).unwrap(), r#"{"kind":"circle","radius":2.0}"#);
//! // A word is a member with its default settings.
//! let shape: Choice<dyn Shape> = serde_json::from_str(r#""circle""#).unwrap();
//! assert_eq!(shape, Choice::of(Circle::default()));
//! let names: Vec<_> = SHAPES.members().iter().map(Member::name).collect();
//! assert_eq!(names, ["unit", "circle"]);
//! // From the first use on the list is fixed; a program adds its own members before.
//! assert!(matches!(SHAPES.add::<Circle>(), Err(AddError::Late { .. })));
//! ```
//!
//! Errors of a member's settings keep their type; those of a value within a setting pass through `erased_serde` as text. A
//! deserializer that wants these as types, too, notes them where they arise.

mod choice;
mod member;
mod problem;
mod read;
mod registry;
mod schema;
mod write;

pub use choice::{Choice, DefaultMember};
pub use member::{Family, Holds, Implied, Member, Settings};
pub use problem::Problem;
pub use registry::{AddError, Registry};

#[cfg(test)]
mod tests;
