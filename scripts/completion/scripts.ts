export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly help: string;
  readonly options: readonly string[];
}

/** The text that a shell reads once to complete `benchconv`. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      // zsh reads bash's way of completing.
      return `autoload -Uz bashcompinit && bashcompinit\n${bash(commands)}`;
    case "fish":
      return fish(commands);
  }
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands
    .map(({ name, options }) => `    ${name}) words="${options.map((option) => `--${option}`).join(" ")}" ;;\n`)
    .join("");
  return `_benchconv() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${cases}    *) words="" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map(({ name }) => name).join(" ")}"; fi
  if [ "$COMP_CWORD" -eq 1 ] || [ "\${current#-}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _benchconv benchconv
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, help, options }) => [
    `complete -c benchconv -f -n __fish_use_subcommand -a ${name} -d '${help.replaceAll("'", String.raw`\'`)}'`,
    ...options.map((option) => `complete -c benchconv -n '__fish_seen_subcommand_from ${name}' -l ${option}`),
  ]);
  return `${lines.join("\n")}\n`;
}
