//! `use`, `extern crate` and `mod x;`: what a file takes from others.

use syn::{Expr, ExprLit, ItemExternCrate, ItemMod, ItemUse, Lit, Meta, UseTree};

use super::lowering::Lowering;
use crate::facts::body::StmtKind;
use crate::source::Span;

impl<'t> Lowering<'t> {
    pub(super) fn use_item(&mut self, item: &ItemUse) {
        let mut path = Vec::new();
        self.use_tree(&item.tree, &mut path);
    }

    fn use_tree(&mut self, tree: &UseTree, path: &mut Vec<&'t str>) {
        match tree {
            UseTree::Path(node) => {
                path.push(self.word(&node.ident).0);
                self.use_tree(&node.tree, path);
                path.pop();
            }
            UseTree::Name(node) => {
                let (word, span) = self.word(&node.ident);
                match (word, path.as_slice()) {
                    // `a::b::{self}` is `a::b`.
                    ("self", [module @ .., member]) => self.import(span, module, member, member),
                    _ => self.import(span, path, word, word),
                }
            }
            UseTree::Rename(node) => {
                let (word, _) = self.word(&node.ident);
                let (name, span) = self.word(&node.rename);
                match (word, path.as_slice()) {
                    _ if name == "_" => {}
                    ("self", [module @ .., member]) => self.import(span, module, member, name),
                    _ => self.import(span, path, word, name),
                }
            }
            UseTree::Glob(node) => {
                let module = self.build.intern(&path.join("::"));
                let span = self.span(node.star_token.span);
                self.emit(span, StmtKind::ImportStar { level: 0, module });
            }
            UseTree::Group(node) => {
                for tree in &node.items {
                    self.use_tree(tree, path);
                }
            }
        }
    }

    fn import(&mut self, span: Span, module: &[&str], member: &str, name: &str) {
        let name = self.build.intern(name);
        let member = self.build.intern(member);
        let kind = if module.is_empty() {
            StmtKind::Import { module: member, name: Some(name) }
        } else {
            let module = self.build.intern(&module.join("::"));
            StmtKind::ImportFrom { level: 0, module, member, name }
        };
        self.emit(span, kind);
    }

    pub(super) fn extern_crate(&mut self, item: &ItemExternCrate) {
        let (word, span) = self.word(&item.ident);
        let name = item.rename.as_ref().map_or(word, |(_, name)| self.word(name).0);
        if name != "_" {
            self.import(span, &[], word, name);
        }
    }

    /// `mod x;`, whose file is found by its name unless `#[path]` says where it is.
    pub(super) fn module_file(&mut self, item: &ItemMod) {
        let (word, span) = self.word(&item.ident);
        let path = item.attrs.iter().find_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
                Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        });
        let module = match path {
            Some(path) => self.build.intern(&format!("path:{path}")),
            None => self.build.intern(&format!("self::{word}")),
        };
        let name = Some(self.build.intern(word));
        self.emit(span, StmtKind::Import { module, name });
    }
}
