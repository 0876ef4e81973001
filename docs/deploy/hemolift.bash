# Completion for bash: copy to /etc/bash_completion.d/hemolift. What it offers it asks the program for.
_hemolift() {
	local word=${COMP_WORDS[COMP_CWORD]}
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$("$1" -h | awk '/^  [a-z]/ {print $1}')" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$1" "${COMP_WORDS[1]}" -h | awk '/^  -/ {print $1}')" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _hemolift hemolift
