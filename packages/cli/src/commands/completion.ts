import type { Command } from '../command.ts'

/** The words that may come next are asked of `esi` itself, so that completion knows every command and option. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_esi() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(esi --complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _esi esi`,
  zsh: `#compdef esi
_esi() {
  local -a next
  next=(\${(f)"$(esi --complete -- "\${words[@]:1:CURRENT-2}" 2>/dev/null)"})
  compadd -a next
}
compdef _esi esi`,
  fish: `complete -c esi -f -a '(esi --complete -- (commandline -opc)[2..] 2>/dev/null)'`,
}

export const command: Command = {
  brief: 'print what makes a shell complete these commands',
  args: [{ name: 'shell', doc: 'bash, zsh or fish', optional: true }],
  examples: ['source <(esi completion bash)', 'esi completion fish > ~/.config/fish/completions/esi.fish'],
  async run(face, given) {
    const shell = given.args('shell')[0] ?? (face.environment['SHELL'] ?? 'bash').split('/').at(-1)!
    const script = scripts[shell]
    if (script === undefined) throw new Error(`There is no completion for "${shell}"; there is for ${Object.keys(scripts).join(', ')}.`)
    return { text: script }
  },
}
