//! The names and places of what has an id.

use super::Place;
use crate::graph::effect::HookRef;
use crate::graph::hooks::{Hook, Hooks};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::Interp;

pub(super) fn class_place(interp: &Interp<'_>, class: ClassId) -> Place {
    Place {
        name: interp.program.qualified_class(class),
        location: interp.program.class_location(class),
    }
}

pub(super) fn function_place(interp: &Interp<'_>, function: FunctionId) -> Place {
    Place {
        name: interp.program.qualified_function(function),
        location: interp.program.function_location(function),
    }
}

/// A field as `Model.field`, where the class or a base declares it.
pub(super) fn field_place(interp: &mut Interp<'_>, class: ClassId, field: &str) -> Place {
    let location = interp.declaration_of(class, field);
    Place { name: format!("{}.{field}", interp.program.class_name(class)), location }
}

pub(super) fn hook_place(interp: &Interp<'_>, hook: &Hook) -> Place {
    let name = match hook.function() {
        Some(function) => interp.program.qualified_function(function),
        None => interp.program.modules.name(hook.connected_at.file).to_owned(),
    };
    Place { name, location: hook.location }
}

pub(super) fn hook_ref_place(interp: &Interp<'_>, hooks: &Hooks, hook: HookRef) -> Place {
    match hook {
        HookRef::Receiver(id) => hook_place(interp, &hooks[id]),
        HookRef::Method(id) => function_place(interp, id),
        HookRef::Library(location) => {
            Place { name: interp.program.modules.name(location.file).to_owned(), location }
        }
    }
}
