//! Macros as expressions and statements: their tokens are parsed as what they look like.

use syn::parse::{ParseStream, Parser};
use syn::{Block as Braces, Expr, Lit, Macro, Pat, Stmt, Token};

use super::arguments::{Argument, Value, lenient, strict};
use super::branches::Branch;
use super::lowering::{Goal, Lowering, join, positional};
use crate::facts::body::*;
use crate::source::Span;

/// How many macros may stand in each other's tokens; each is parsed again for the one inside.
pub(super) const MAX_MACROS: u32 = 32;

/// Macros that write their arguments somewhere, and whose values nobody uses.
const WRITERS: [&str; 12] = [
    "print", "println", "eprint", "eprintln", "write", "writeln", "trace", "debug", "info", "warn",
    "error", "log",
];

/// What the tokens of a macro look like.
enum Form {
    /// A value.
    Value(ExprId),
    /// The statements of a block.
    Statements(Vec<Stmt>),
    /// `pattern = future => body, ...`
    Arms(Vec<Arm>),
}

/// One arm of a `select!`.
struct Arm {
    /// What is awaited; absent where the arm is for the other cases.
    awaited: Option<(Pat, Expr)>,
    guard: Option<Expr>,
    body: Expr,
}

impl Lowering<'_> {
    /// The value of a macro.
    pub fn macro_value(&mut self, mac: &Macro) -> ExprId {
        match self.form(mac) {
            Form::Value(value) => value,
            Form::Statements(stmts) => match stmts.as_slice() {
                [stmts @ .., Stmt::Expr(value, None)] => {
                    self.statements(stmts, Goal::Nothing);
                    self.expr(value)
                }
                stmts => {
                    self.statements(stmts, Goal::Nothing);
                    let span = self.path_text(&mac.path).1;
                    self.unknown(span)
                }
            },
            Form::Arms(arms) => {
                let name = self.temporary();
                self.arms(mac, &arms, Goal::Temporary(name));
                let span = self.path_text(&mac.path).1;
                self.build.expr(span, ExprKind::Name(name))
            }
        }
    }

    /// A macro whose value does what `goal` says.
    pub fn macro_statement(&mut self, mac: &Macro, goal: Goal) {
        if self.hidden_code(mac) {
            return;
        }
        match self.form(mac) {
            Form::Value(value) => self.deliver(value, goal),
            Form::Statements(stmts) => self.statements(&stmts, goal),
            Form::Arms(arms) => self.arms(mac, &arms, goal),
        }
    }

    fn form(&mut self, mac: &Macro) -> Form {
        if self.macros >= MAX_MACROS {
            return Form::Value(self.opaque(mac));
        }
        self.macros += 1;
        let form = self.form_inside(mac);
        self.macros -= 1;
        form
    }

    fn form_inside(&mut self, mac: &Macro) -> Form {
        let span = self.span_of_macro(mac);
        let name = self.last_segment(&mac.path);
        if WRITERS.contains(&name) {
            let mut arguments = lenient(mac.tokens.clone());
            arguments.retain(|argument| !matches!(argument.value, Value::Text(..)));
            let args = self.arguments(&arguments);
            let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
            return Form::Value(self.other(span, &values));
        }
        if name == "vec"
            && let Ok(item) = repeated.parse2(mac.tokens.clone())
        {
            let item = self.expr(&item);
            return Form::Value(self.sequence(span, &[item]));
        }
        if name == "matches"
            && let Ok((subject, pat, guard)) = matching.parse2(mac.tokens.clone())
        {
            let subject = self.expr(&subject);
            let mut test = self.pattern_test(subject, &pat);
            if let Some(guard) = guard {
                let guard = self.expr(&guard);
                test = self.join_tests(true, &[test, guard]);
            }
            return Form::Value(test);
        }
        if let Ok(arguments) = strict(mac.tokens.clone()) {
            return Form::Value(self.macro_call(mac, span, name, &arguments));
        }
        if let Ok(stmts) = Braces::parse_within.parse2(mac.tokens.clone()) {
            return Form::Statements(stmts);
        }
        match arms.parse2(mac.tokens.clone()) {
            Ok(arms) => Form::Arms(arms),
            Err(_) => Form::Value(self.opaque(mac)),
        }
    }

    /// A macro with arguments, as the call of `name!`.
    fn macro_call(
        &mut self,
        mac: &Macro,
        span: Span,
        name: &str,
        arguments: &[Argument],
    ) -> ExprId {
        match name {
            "vec" => {
                let args = self.arguments(arguments);
                let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
                return self.sequence(span, &values);
            }
            "format" | "format_args" => {
                if let [Argument { keyword: None, value: Value::Expr(first) }, rest @ ..] =
                    arguments
                    && let Expr::Lit(template) = first
                    && let Lit::Str(template) = &template.lit
                {
                    let rest = self.arguments(rest);
                    let at = self.span(template.span());
                    return self.format(span, at, &template.value(), &rest);
                }
            }
            "concat" => {
                let args = self.arguments(arguments);
                let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
                return self.concatenated(span, &values);
            }
            _ => {}
        }
        self.call_of(mac, arguments)
    }

    /// The call of `name!`.
    pub fn call_of(&mut self, mac: &Macro, arguments: &[Argument]) -> ExprId {
        let span = self.span_of_macro(mac);
        let func = self.macro_name(mac);
        let args = self.arguments(arguments);
        self.call(span, func, &args)
    }

    /// A macro whose tokens look like nothing: its text is all there is to know.
    pub fn opaque(&mut self, mac: &Macro) -> ExprId {
        let func = self.macro_name(mac);
        let delimiters = mac.delimiter.span();
        let open = self.span(delimiters.open()).end;
        let close = self.span(delimiters.close()).start;
        // What a macro of another file makes has no text of its own.
        let inside = if open <= close { Span { start: open, end: close } } else { self.called_at };
        let text = if open <= close { self.slice(inside) } else { "" };
        let text = self.string(inside, text);
        self.call(self.span_of_macro(mac), func, &[positional(text)])
    }

    /// The name of a macro with its `!`.
    fn macro_name(&mut self, mac: &Macro) -> ExprId {
        let (text, span) = self.path_text(&mac.path);
        let last = self.build.intern(self.last_segment(&mac.path));
        self.build.mention(last);
        self.name(span, &format!("{text}!"))
    }

    pub(super) fn span_of_macro(&self, mac: &Macro) -> Span {
        let end = self.span(mac.delimiter.span().close());
        join(self.path_text(&mac.path).1, end)
    }

    /// The arms of a `select!`: any of them may be the one.
    fn arms(&mut self, mac: &Macro, arms: &[Arm], goal: Goal) {
        let span = self.span_of_macro(mac);
        let mut branches = Vec::new();
        let mut orelse = Block::default();
        for arm in arms {
            let mut test = self.unknown(span);
            self.open_block();
            if let Some((pat, awaited)) = &arm.awaited {
                let subject = self.subject(awaited);
                self.bind(subject, pat);
            }
            if let Some(guard) = &arm.guard {
                let guard = self.expr(guard);
                test = self.other(span, &[guard]);
            }
            let place = self.expr_into(&arm.body, goal);
            let body = self.close_block();
            match arm.awaited {
                Some(_) => branches.push(Branch { before: Vec::new(), test, body, span: place }),
                None => orelse = body,
            }
        }
        self.chain(branches, orelse);
    }
}

/// `value; count`, as in an array; the value.
fn repeated(input: ParseStream<'_>) -> syn::Result<Expr> {
    let item = input.parse()?;
    input.parse::<Token![;]>()?;
    input.parse::<Expr>()?;
    Ok(item)
}

/// `subject, pattern if guard`
fn matching(input: ParseStream<'_>) -> syn::Result<(Expr, Pat, Option<Expr>)> {
    let subject = input.parse()?;
    input.parse::<Token![,]>()?;
    let pat = input.call(Pat::parse_multi_with_leading_vert)?;
    let guard = match input.parse::<Option<Token![if]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    input.parse::<Option<Token![,]>>()?;
    Ok((subject, pat, guard))
}

fn arms(input: ParseStream<'_>) -> syn::Result<Vec<Arm>> {
    let mut arms = Vec::new();
    if input.peek(syn::Ident) && input.peek2(Token![;]) {
        // `biased;`
        input.parse::<syn::Ident>()?;
        input.parse::<Token![;]>()?;
    }
    while !input.is_empty() {
        let mut guard = None;
        let awaited = if input.peek(Token![else]) || input.peek2(Token![=>]) {
            input.parse::<proc_macro2::TokenTree>()?;
            None
        } else {
            let pat = input.call(Pat::parse_multi_with_leading_vert)?;
            input.parse::<Token![=]>()?;
            let awaited = input.parse()?;
            if input.parse::<Option<Token![,]>>()?.is_some() {
                input.parse::<Token![if]>()?;
                guard = Some(input.parse()?);
            }
            Some((pat, awaited))
        };
        input.parse::<Token![=>]>()?;
        let body = if input.peek(syn::token::Brace) {
            let block = input.parse()?;
            Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block })
        } else {
            input.parse()?
        };
        arms.push(Arm { awaited, guard, body });
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(arms)
}
