//! Tasks that are run by their names.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ArgKind, ExprKind, FunctionIx};
use crate::graph::ids::FunctionId;
use crate::graph::modules::ModuleRef;
use crate::graph::value::{Args, Partial, Value};
use crate::source::{FileId, Location};

impl Interp<'_> {
    /// `send_task("shop.tasks.drop", [pk])`; nothing where the task is not in sight.
    pub(super) fn send_task(&mut self, args: &Args, site: Location) -> Option<Value> {
        let Value::Partial(signature) = self.signature(args, site)? else { return None };
        self.call(&signature.callee, signature.args.clone(), site);
        Some(Value::Returned("task".into()))
    }

    /// A task that is known by its name, with the arguments that stand behind it as lists.
    pub(super) fn signature(&mut self, args: &Args, site: Location) -> Option<Value> {
        let task = args.positional.first()?.known_text()?.to_owned();
        let callee = self.task_named(&task, site.file)?;
        let mut lists = args.clone();
        lists.positional.remove(0);
        let args = self.task_arguments(&callee, &lists);
        Some(Value::Partial(Arc::new(Partial { callee, args })))
    }

    /// The function of a task: the one that the name leads to, or whose decorator gives it the name.
    fn task_named(&mut self, name: &str, from: FileId) -> Option<Value> {
        if let Some((module, member)) = name.rsplit_once('.')
            && let Some(ModuleRef::File(file)) = self.program.modules.absolute(from, module)
            && let Some(function @ Value::Function(_)) = self.module_attribute(file, member)
        {
            return Some(function);
        }
        let vocabulary = &self.program.vocabulary;
        let files = vocabulary.find(name).map(|word| vocabulary.files_with(word))?;
        let is_named_so = |file: FileId, ix: FunctionIx| {
            let facts = self.program.file(file);
            facts.function(ix).decorators.iter().any(|decorator| {
                let ExprKind::Call { args, .. } = facts.expr(*decorator).kind else { return false };
                facts.args(args).iter().any(|arg| {
                    matches!(arg.kind, ArgKind::Keyword(key) if facts.name(key) == "name")
                        && matches!(facts.expr(arg.value).kind, ExprKind::Str(text) if facts.name(text) == name)
                })
            })
        };
        let mut found =
            files.iter().filter(|file| self.program.is_production(**file)).flat_map(|file| {
                let count = self.program.file(*file).functions.len() as u32;
                let named = (0..count).map(FunctionIx).filter(|ix| is_named_so(*file, *ix));
                named.map(|ix| FunctionId { file: *file, ix }).collect::<Vec<_>>()
            });
        let id = found.next()?;
        Some(self.function_value(id))
    }
}
