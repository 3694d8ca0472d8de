//! Parses a file item by item, so that one that is no Rust does not take the others along.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Item};

/// What could be read of a file.
pub struct File {
    /// Its inner attributes.
    pub attributes: Vec<Attribute>,
    /// The items that parse.
    pub items: Vec<Item>,
    /// The first item that does not.
    pub error: Option<Error>,
}

/// Parses the tokens of a file.
pub fn parse(tokens: TokenStream) -> File {
    let parsed = File::parse.parse2(tokens);
    parsed.unwrap_or_else(|error| File {
        attributes: Vec::new(),
        items: Vec::new(),
        error: Some(error),
    })
}

impl Parse for File {
    fn parse(input: ParseStream<'_>) -> syn::Result<File> {
        let mut file = File {
            attributes: input.call(Attribute::parse_inner)?,
            items: Vec::new(),
            error: None,
        };
        while !input.is_empty() {
            let ahead = input.fork();
            match ahead.parse() {
                Ok(item) => {
                    input.advance_to(&ahead);
                    file.items.push(item);
                }
                Err(error) => {
                    file.error.get_or_insert(error);
                    skip_item(input)?;
                }
            }
        }
        Ok(file)
    }
}

/// Skips up to what ends an item: a `;`, or a block.
fn skip_item(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        match input.parse()? {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            _ => {}
        }
    }
    Ok(())
}
