//! `cyclade man`: the manual page, with every command's section.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::output;
use clap::CommandFactory;

pub(crate) fn run(as_json: bool) -> Result<(), Exit> {
    let page = page().map_err(|error| Exit::failed(format_args!("cannot make the manual page: {error}")))?;
    let page = String::from_utf8_lossy(&page);
    if as_json { output::json(&serde_json::json!({ "page": page })) } else { output::print(&page) }
}

fn page() -> std::io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for part in command.get_subcommands().filter(|part| !part.is_hide_set() && part.get_name() != "help") {
        let man = clap_mangen::Man::new(part.clone());
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}
