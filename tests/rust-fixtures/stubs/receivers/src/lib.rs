//! The attribute that registers a function for signals; here it leaves the function as it is.

use proc_macro::TokenStream;

#[proc_macro_attribute]
pub fn receiver(_signals: TokenStream, function: TokenStream) -> TokenStream {
    function
}
