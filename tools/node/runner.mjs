// Runs one Python program, or a list of imports to be measured, on the real MicroPython.
// tools/micropython prepares everything and hands over a JSON plan; this file only carries it out.
import fs from "node:fs";
import { execFileSync } from "node:child_process";

// The WebAssembly memory is not exported by the npm module, and UART payloads must cross the
// border without a copy on the MicroPython heap: catch it while the module is instantiated.
let memory = null;
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...args) => {
    const result = await instantiate(...args);
    const exported = Object.values((result.instance ?? result).exports);
    memory = exported.find((item) => item instanceof WebAssembly.Memory) ?? memory;
    return result;
};
const { loadMicroPython } = await import(
    "@micropython/micropython-webassembly-pyscript/micropython.mjs"
);

class Output {
    // Bytes arrive one by one; they are passed on by the line, and before anything that waits.
    constructor(fd, keeper = null) {
        this.fd = fd;
        this.keeper = keeper;
        this.pending = [];
    }

    put(bytes) {
        this.pending.push(bytes[0]);
        if (bytes[0] === 10 || this.pending.length >= 4096) this.flush();
    }

    text(string) {
        this.flush();
        this.pending = [...Buffer.from(string)];
        this.flush();
    }

    captured(action) {
        // What is printed while the action runs, instead of passing it on.
        const [put, bytes] = [this.put, []];
        this.put = (byte) => void bytes.push(byte[0]);
        try {
            action();
        } finally {
            this.put = put;
        }
        return Buffer.from(bytes).toString();
    }

    flush() {
        let rest = Buffer.from(this.pending);
        this.pending = [];
        if (this.keeper) {
            if (rest.length) this.keeper.ask("o", rest.length, rest);
            return;
        }
        while (rest.length) {
            const sent = attempt(() => fs.writeSync(this.fd, rest), "EAGAIN");
            if (sent) rest = rest.subarray(sent);
            else pause(1); // a full pipe of a slow reader
        }
    }
}

const cell = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms) => void Atomics.wait(cell, 0, 0, ms);

function attempt(action, ...tolerated) {
    try {
        return action();
    } catch (error) {
        if (tolerated.includes(error.code)) return 0;
        throw error;
    }
}

class Line {
    // One UART: a tty opened without blocking, and what has been read from it but not fetched.
    constructor(path, baudrate) {
        this.path = path;
        this.set(baudrate, "raw", "-echo");
        const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
        this.fd = fs.openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
        this.buffer = Buffer.alloc(16384);
        this.start = this.end = 0;
    }

    set(baudrate, ...modes) {
        // Node has no tcsetattr. A module simulated on the other side can see the rate this way.
        try {
            execFileSync("stty", ["-F", this.path, String(baudrate), ...modes], { stdio: "pipe" });
        } catch {
            execFileSync("stty", ["-F", this.path, ...modes], { stdio: "pipe" }); // an odd rate
        }
    }

    any() {
        if (this.start === this.end) this.start = this.end = 0;
        const room = this.buffer.length - this.end;
        // EIO: the other side of a pty is closed at the moment, which a UART cannot notice.
        if (room)
            this.end += attempt(
                () => fs.readSync(this.fd, this.buffer, this.end, room, null), "EAGAIN", "EIO",
            );
        return this.end - this.start;
    }

    read(address, size) {
        if (this.start === this.end && !this.any()) return 0;
        const count = Math.min(size, this.end - this.start);
        this.buffer.copy(new Uint8Array(memory.buffer, address, count), 0, this.start,
            this.start + count);
        this.start += count;
        return count;
    }

    write(address, size) {
        const bytes = new Uint8Array(memory.buffer, address, size);
        return attempt(() => fs.writeSync(this.fd, bytes), "EAGAIN", "EIO");
    }
}

const TICK_US = 1; // what a look at the clock costs

class Keeper {
    // The other half is tools/timekeeper.py: time is virtual and passes there, as does the line.
    // A request: kind, a number, microseconds spent since the last one, and what is written or
    // printed. An answer: the time in ms, and the bytes that have arrived. What the program does
    // takes no time but for what it spends by looking at the clock and at the line.
    constructor([reads, writes]) {
        [this.reads, this.writes] = [reads, writes];
        this.request = Buffer.alloc(9);
        this.answer = Buffer.alloc(1 << 17);
        this.start = this.end = this.now = this.spent = 0;
        this.looked = true; // since time has passed
    }

    ask(kind, number, payload = null) {
        this.request[0] = kind.charCodeAt(0);
        this.request.writeUInt32LE(number, 1);
        this.request.writeUInt32LE(this.spent, 5);
        this.spent = 0;
        this.put(payload ? Buffer.concat([this.request, payload]) : this.request);
        let got = this.more(0, 12);
        const size = this.answer.readUInt32LE(8);
        got = this.more(got, 12 + size);
        this.now = this.answer.readDoubleLE(0);
        if (size) {
            const rest = this.end - this.start;
            const kept = rest ? Buffer.from(this.buffer.subarray(this.start, this.end)) : null;
            const fresh = this.answer.subarray(12, got);
            this.buffer = kept ? Buffer.concat([kept, fresh]) : Buffer.from(fresh);
            [this.start, this.end] = [0, rest + size];
        }
        this.looked = false;
    }

    put(data) {
        while (data.length) data = data.subarray(fs.writeSync(this.writes, data));
    }

    more(got, wanted) {
        // Whoever asks is answered at once with everything: as a rule this reads once.
        while (got < wanted) {
            const room = this.answer.length - got;
            const count = fs.readSync(this.reads, this.answer, got, room, null);
            if (!count) process.exit(3); // the other half has ended
            got += count;
        }
        return got;
    }

    ticks(perMs) {
        this.spent += TICK_US;
        return Math.floor((this.now + this.spent / 1000) * perMs + 1e-6);
    }

    set(baudrate) {
        this.ask("b", baudrate);
    }

    any() {
        if (this.looked) this.ask("a", 0);
        this.looked = true;
        return this.end - this.start;
    }

    read(address, size) {
        const count = Math.min(size, this.end - this.start || this.any());
        if (count)
            this.buffer.copy(new Uint8Array(memory.buffer, address, count), 0, this.start,
                this.start + count);
        this.start += count;
        return count;
    }

    write(address, size) {
        this.ask("w", size, Buffer.from(new Uint8Array(memory.buffer, address, size)));
        return size;
    }
}

function host(plan, stdout, keeper) {
    const lines = []; // handles are indices: only small integers may cross without allocating
    const open = (where, baudrate) => {
        if (where) return new Line(where, baudrate);
        keeper.set(baudrate);
        return keeper;
    };
    return {
        open(id, baudrate) {
            if (!(id in plan.uarts)) return -1;
            return lines.push(open(plan.uarts[id], baudrate)) - 1;
        },
        set: (handle, baudrate) => lines[handle].set(baudrate),
        close: (handle) => lines[handle].fd && fs.closeSync(lines[handle].fd),
        any: (handle) => lines[handle].any(),
        read: (handle, address, size) => lines[handle].read(address, size),
        write: (handle, address, size) => lines[handle].write(address, size),
        sleep(ms) {
            stdout.flush();
            if (keeper) keeper.ask("s", ms);
            else pause(ms);
        },
        kept: keeper !== null,
        ticks_us: () => keeper.ticks(1000) % 2 ** 30,
        leave(code) {
            process.exitCode = code;
        },
    };
}

function copyFiles(FS, files) {
    const made = new Set();
    for (const [target, source] of files) {
        const folder = target.slice(0, target.lastIndexOf("/"));
        if (!made.has(folder)) FS.mkdirTree(folder);
        made.add(folder);
        FS.writeFile(target, fs.readFileSync(source));
    }
}

const START = `
def _start(name):
    import _host, sys
    with open(name) as file:
        source = file.read()
    try:
        exec(compile(source, name, "exec"), globals())
    except SystemExit as leave:
        code = leave.args[0] if leave.args else None
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        _host.leave(code or 0)
`;

const MEASURE = `
import gc, micropython

def _used():
    return gc.mem_alloc()
`;

// Memory is collected only while JavaScript has control, so each step is a call of its own.
function measure(mp, modules, stdout) {
    mp.runPython(MEASURE);
    const used = mp.globals.get("_used");
    const settled = () => {
        for (let i = 0; i < 2; i++) mp.runPython("gc.collect()");
        return used();
    };
    // mem_free() counts what the heap could still grow by; mem_info() tells what it has.
    const total = () => {
        const text = stdout.captured(() => mp.runPython("micropython.mem_info()"));
        return Number(/GC: total: (\d+)/.exec(text)[1]);
    };
    settled(); // the first calls fill caches
    let before = settled();
    const heap = total();
    const resident = {};
    for (const name of modules) {
        mp.runPython("import " + name);
        const after = settled();
        resident[name] = (resident[name] ?? 0) + after - before;
        before = after;
    }
    return { resident, heap, grown: total() - heap };
}

const plan = JSON.parse(process.argv[2]);
const keeper = plan.keeper ? new Keeper(plan.keeper) : null;
// MicroPython's own clock, which its asyncio and select look at, too, is this one.
if (keeper) Date.now = () => keeper.ticks(1);
const stdout = new Output(1, keeper);
const stderr = new Output(2);
const mp = await loadMicroPython({
    heapsize: plan.heap,
    stdout: (bytes) => stdout.put(bytes),
    stderr: (bytes) => stderr.put(bytes),
    linebuffer: false,
});
mp.registerJsModule("_host", host(plan, stdout, keeper));
copyFiles(mp.FS, plan.files);
mp.runPython(
    `import sys\nsys.path[:] = ${JSON.stringify(plan.path)}\n` +
    `sys.argv[:] = ${JSON.stringify(plan.argv)}\n`,
);
try {
    if (plan.measure) {
        stdout.text(JSON.stringify(measure(mp, plan.measure, stdout)) + "\n");
    } else {
        mp.runPython(START);
        mp.runPython(`_start(${JSON.stringify(plan.program)})`);
        // A program with a function step() goes on in steps, between which memory is collected.
        const step = mp.globals.get("step");
        while (step && step());
    }
} catch (error) {
    stdout.flush();
    if (error.name !== "PythonError") throw error;
    stderr.text(error.message.endsWith("\n") ? error.message : error.message + "\n");
    process.exitCode = 1;
} finally {
    stdout.flush();
    stderr.flush();
}
