# Sourced: the programs of the system, found also where root's PATH lacks /usr/sbin, and not those of npm packages of the same
# name. npm puts node_modules/.bin first, and a package there has a program called nft.
PATH=$(printf '%s' "$PATH" | tr : '\n' | grep -v '/node_modules/\.bin$' | paste -s -d : -):/usr/sbin:/sbin
export PATH
