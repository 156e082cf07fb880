# Makes a trace of what record.c or ltrace has recorded: numbers instead of addresses.
#     awk -f record.awk calls.txt | gzip > my.trace.gz
BEGIN { print "# recorded: a ID BYTES THREAD, r ID BYTES THREAD, f ID THREAD" }

function allocated(address, bytes, thread) {
    if (address in live) freed(address, thread)  # its free was not seen
    live[address] = ++blocks
    print "a", blocks, (bytes > 0 ? bytes : 1), thread
}

function freed(address, thread) {
    if (!(address in live)) return  # allocated before the recording
    print "f", live[address], thread
    delete live[address]
}

function resized(old, new, bytes, thread,    block) {
    if (!(old in live)) { allocated(new, bytes, thread); return }
    block = live[old]
    delete live[old]
    live[new] = block
    print "r", block, (bytes > 0 ? bytes : 1), thread
}

# Of record.c.
$1 == "a" { allocated($2, $3, $4); next }
$1 == "r" { resized($2, $3, $4, $5); next }
$1 == "f" { freed($2, $3); next }

# Of ltrace: malloc(24) = 0x55..., free(0x55...) = <void>, realloc(0x55..., 48) = 0x55...
match($0, /(malloc|calloc|realloc|free)\(.*/) {
    call = substr($0, RSTART)
    gsub(/[(),=]/, " ", call)
    split(call, word, " ")
    if (word[1] == "malloc" && word[3] ~ /^0x/) allocated(word[3], word[2], 0)
    else if (word[1] == "calloc" && word[4] ~ /^0x/) allocated(word[4], word[2] * word[3], 0)
    else if (word[1] == "free" && word[2] ~ /^0x/) freed(word[2], 0)
    else if (word[1] == "realloc" && word[4] ~ /^0x/) {
        if (word[2] ~ /^0x/ && word[2] != "0x0") resized(word[2], word[4], word[3], 0)
        else allocated(word[4], word[3], 0)
    }
}
