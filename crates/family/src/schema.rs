//! The JSON Schema of a choice: the names of members that need no settings, or one of the members' maps.

use crate::{Choice, Family, Member};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::marker::PhantomData;

impl<T: ?Sized + Family> JsonSchema for Choice<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let needs_none = |schema: &Schema| schema.get("required").and_then(Value::as_array).is_none_or(Vec::is_empty);
        let members = T::registry().members().iter();
        let words = members.filter(|member| needs_none(&member.schema(generator))).map(|member| member.name());
        let words: Vec<&str> = words.collect();
        json_schema!({ "anyOf": [{ "enum": words }, generator.subschema_for::<Maps<T>>()] })
    }
}

/// The definition of the maps, one for all places where the family is used.
struct Maps<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized + Family> JsonSchema for Maps<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let members = T::registry().members().iter();
        let maps: Vec<Schema> = members.map(|member| tagged(member, generator)).collect();
        json_schema!({ "description": T::ABOUT, "oneOf": maps })
    }
}

/// The schema of settings with the tag in front of them.
fn tagged<T: ?Sized + Family>(member: &Member<T>, generator: &mut SchemaGenerator) -> Schema {
    let (mut settings, tag, name) = (member.schema(generator), T::TAG, member.name());
    let object = settings.ensure_object();
    let mut properties = Map::from_iter([(tag.to_owned(), json!({ "type": "string", "const": name }))]);
    if let Some(Value::Object(own)) = object.remove("properties") {
        properties.extend(own);
    }
    let mut required: Vec<Value> = member.keys().is_empty().then(|| tag.into()).into_iter().collect();
    if let Some(Value::Array(own)) = object.remove("required") {
        required.extend(own);
    }
    object.insert("type".to_owned(), json!("object"));
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("required".to_owned(), Value::Array(required));
    settings
}
