//! The plan on the page.

use maud::{Markup, html};

use super::words;
use crate::plan::{Item, Plan, State};

pub(super) fn section(plan: &Plan) -> Markup {
    let (done, all) = plan.progress();
    html! {
        section.plan aria-labelledby="plan-title" {
            details {
                summary { h2 #plan-title { "The upgrade, step by step" } }
                p.soft { (done) " of " (all) " things that show in the project are done." }
                @for section in &plan.sections {
                    h3 { (words(&section.title)) }
                    ul.tasks { @for it in &section.items { li { (item(it)) } } }
                }
            }
        }
    }
}

fn item(item: &Item) -> Markup {
    let (sign, state) = match item.state {
        State::Done => ("☑", "done"),
        State::Open => ("☐", "open"),
        State::Unseen => ("☐", "to be ticked by you"),
        State::Note => ("•", "note"),
    };
    let has_more = !(item.text.is_empty() && item.commands.is_empty() && item.places.is_empty());
    let more = html! {
        @for text in &item.text { p { (words(text)) } }
        @if !item.commands.is_empty() {
            pre tabindex="0" role="group" aria-label="Commands" {
                @for command in &item.commands { span.row { "$ " (command) } }
            }
        }
        @if !item.places.is_empty() { ul { @for place in &item.places { li { (words(place)) } } } }
        @if !item.evidence.is_empty() { p.soft { "See " (words(&item.evidence.join("; "))) "." } }
    };
    html! {
        span.box role="img" aria-label=(state) { (sign) }
        @if has_more { details { summary { (words(&item.title)) } (more) } } @else { (words(&item.title)) }
    }
}
