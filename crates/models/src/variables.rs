//! Numbers that a part of the game keeps from update to update, such as the balance of a loss: on the device, in
//! checkpoints, and off the tape.

use burn::module::{Content, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor};

/// Named numbers.
#[derive(Clone, Debug)]
pub struct Variables(Vec<(&'static str, Param<Tensor<1>>)>);

/// What an update of the discriminator makes of [`Variables`].
#[derive(Clone, Debug, Default)]
pub struct Adaptation {
    /// The new values `[1]`, of all variables.
    pub values: Vec<(&'static str, Tensor<1>)>,
    /// What to record, `[1]` each.
    pub scalars: Scalars,
}

/// Numbers to record `[1]` by the name of their curve, such as `loss/generator`.
pub type Scalars = Vec<(&'static str, Tensor<1>)>;

impl Variables {
    /// With these values.
    pub fn new(values: impl IntoIterator<Item = (&'static str, f32)>, device: &Device) -> Self {
        let value = |(name, value)| (name, Param::initialized(ParamId::new(), Tensor::full([1], value, device)));
        Self(values.into_iter().map(value).collect())
    }

    /// The value `[1]` of a variable.
    ///
    /// # Panics
    /// There is none of that name.
    pub fn get(&self, name: &str) -> Tensor<1> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        let (_, value) = found.unwrap_or_else(|| panic!("there is no variable `{name}`"));
        value.val().detach()
    }

    /// The same variables with new values.
    ///
    /// # Panics
    /// A value is missing.
    pub fn with(&self, mut values: Vec<(&'static str, Tensor<1>)>) -> Self {
        let next = |(name, old): &(&'static str, Param<Tensor<1>>)| {
            let at = values.iter().position(|(known, _)| known == name);
            let at = at.unwrap_or_else(|| panic!("the variable `{name}` has no new value"));
            let (_, value) = values.swap_remove(at);
            (*name, old.clone().map(|_| value.detach()))
        };
        Self(self.0.iter().map(next).collect())
    }

    fn map_each(self, mut each: impl FnMut(&str, Param<Tensor<1>>) -> Param<Tensor<1>>) -> Self {
        Self(self.0.into_iter().map(|(name, value)| (name, each(name, value))).collect())
    }
}

const CONTAINER: &str = "Struct:Variables";

/// As derived for a struct with a field for each variable: their names are paths in checkpoints.
impl Module for Variables {
    fn collect_devices(&self, devices: Vec<Device>) -> Vec<Device> {
        self.0.iter().fold(devices, |devices, (_, value)| value.collect_devices(devices))
    }

    fn fork(self, device: &Device) -> Self {
        self.map_each(|_, value| value.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_each(|_, value| value.to_device(device))
    }

    fn train(self) -> Self {
        self.map_each(|_, value| Module::train(value))
    }

    fn valid(&self) -> Self {
        self.clone().map_each(|_, value| value.valid())
    }

    fn materialize(self) -> Self {
        self.map_each(|_, value| value.materialize())
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        for (name, value) in &self.0 {
            visitor.enter_module(name, CONTAINER);
            value.visit(visitor);
            visitor.exit_module(name, CONTAINER);
        }
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        self.map_each(|name, value| {
            mapper.enter_module(name, CONTAINER);
            let value = Module::map(value, mapper);
            mapper.exit_module(name, CONTAINER);
            value
        })
    }
}

impl ModuleDisplayDefault for Variables {
    fn content(&self, content: Content) -> Option<Content> {
        self.0.iter().fold(content, |content, (name, value)| content.add(name, value)).optional()
    }
}

impl ModuleDisplay for Variables {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The struct that it stands for.
    #[derive(Module, Debug)]
    struct Derived {
        a: Param<Tensor<1>>,
        b: Param<Tensor<1>>,
    }

    fn values(variables: &Variables) -> [f32; 2] {
        ["a", "b"].map(|name| variables.get(name).into_scalar())
    }

    #[test]
    fn its_record_is_that_of_a_struct_with_such_fields() {
        let device = Device::flex().autodiff();
        let number = |value: f32| Param::initialized(ParamId::new(), Tensor::full([1], value, &device));
        let derived = Derived { a: number(2.0), b: number(3.0) };
        let fresh = Variables::new([("a", 0.0), ("b", 1.0)], &device);
        assert_eq!(values(&fresh), [0.0, 1.0]);
        let loaded = fresh.try_load_record(derived.into_record()).unwrap();
        assert_eq!(values(&loaded), [2.0, 3.0]);
        let back = Derived { a: number(0.0), b: number(0.0) }.try_load_record(loaded.into_record()).unwrap();
        assert_eq!([back.a, back.b].map(|value| value.val().into_scalar::<f32>()), [2.0, 3.0]);
    }

    #[test]
    fn new_values_are_off_the_tape_and_keep_their_names() {
        let device = Device::flex().autodiff();
        let variables = Variables::new([("a", 0.0), ("b", 1.0)], &device);
        let new = |value: f32| Tensor::<1>::full([1], value, &device).require_grad() * 2.0;
        let next = variables.with(vec![("b", new(1.0)), ("a", new(2.0))]);
        assert_eq!(values(&next), [4.0, 2.0]);
        assert_eq!(values(&next.valid()), [4.0, 2.0]);
        assert!(!next.get("a").is_require_grad());
    }
}
