"""Say what the errors of Keras and TensorFlow mean; "" where that is not sure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable

from .keras_messages import GONE, IN_THE_CALL, MESSAGES, RENAMED
from .networks import RECURRENT
from .raised import Raised

OLDER = {"output_dim": "units", "nb_filter": "filters", "p": "rate"}  # arguments of layers, once
TAKE_DATA = ("predict", "predict_on_batch")
NO_TENSORS = ("int", "float", "str", "bool", "list", "tuple", "dict", "None")


def _renamed_argument(e: Raised) -> str:
    """An argument that Keras 3 calls otherwise, or no longer has."""
    wanted = re.search(r"missing a required (?:positional )?argument: '(\w+)'", e.message)
    refused = re.search(
        r"unexpected keyword argument '(\w+)'|nrecognized keyword arguments? passed to \w+: "
        r"\{'(\w+)'|Argument\(s\) not recognized: \{'(\w+)'",
        e.message,
    )
    keywords = re.findall(r"[(,]\s*(\w+)\s*=(?!=)", e.source)
    given = next((word for word in (refused.groups() if refused else ()) if word), "")
    if refused:  # of several, the one that is known to be old
        given = next((word for word in keywords if word in RENAMED), given)
    if wanted and wanted[1] not in keywords:
        old = next((word for word in keywords if word in ("inputs", "input", "x", "tensor")), "")
        if old:
            states = " States are no part of it: they go into `initial_state=[...]`."
            several = wanted[1] == "sequences" and re.search(rf"\b{old}\s*=\s*\[", e.source)
            return (
                f"In Keras 3 this argument is called `{wanted[1]}`, not `{old}`. Pass the tensor "
                f"by position, without a name.{states if several else ''}"
            )
    call = rf"(?<![\w.])(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\b{given}\s*="
    called = re.search(call, e.source) if refused else None
    kind = e.variables.get(called[1], "") if called else ""
    if called and re.match("callable [A-Z]", kind):  # an object; functions are in lower case
        return (
            f"`{called[1]}` is a layer of the kind {kind[9:]}, and takes no `{given}` with its "
            "tensor. Is it the layer that you mean?"
        )
    if given in IN_THE_CALL and refused and e.where:
        return (
            f"A layer is made with its settings, and `{given}` is none of them: it belongs in the "
            "other brackets, where the layer is called with its tensors."
        )
    unset = re.search(r"missing \d+ required positional arguments?: '(\w+)'", e.message)
    older = next((old for old in keywords if unset and OLDER.get(old) == unset[1]), "")
    if older:
        return (
            f"In Keras 3, `{older}` of this layer is called `{OLDER[older]}`. Older examples still "
            "show the old name."
        )
    if "passed to Model:" in e.message and given in ("inputs", "outputs"):
        return (
            "`keras.Model` is made of inputs and outputs, and does not get both here: is one of "
            "them missing, or its name misspelled?"
        )
    of_keras = e.exercise.probe != "call"
    if of_keras and given and e.where and re.search(rf"\b{given}\s*=", e.source or f"{given}="):
        new = f" It is called `{RENAMED[given]}` now." if given in RENAMED else ""
        if re.search(r"(?<!__init__)\(\) got an unexpected", e.message) and not new:
            return ""  # a function or method, perhaps of another library
        if new:
            return f"Keras 3 has no argument `{given}` here.{new} Older examples still show it."
        return (
            f"What is made here takes no argument `{given}`. Does it belong to another layer on "
            "this line? Older examples also show arguments that Keras 3 no longer has."
        )
    return ""


def _open_size(e: Raised) -> str:
    """A size that is not known while a network is put together."""
    if e.type not in ("TypeError", "ValueError") or "NoneType" not in e.message:
        return ""
    if "should be tensors" in e.message:  # which is no size
        return ""
    open_shapes = any(v.startswith("tensor") and "None" in v for v in e.variables.values())
    if not re.search(r"\.shape\b", e.source) and not (open_shapes and e.held("None")):
        return ""
    return (
        "A size in `.shape` is None here: while a network is put together, or compiled for `fit`, "
        "nobody knows yet how long this axis will be. Compute without that size: a layer, or one "
        "of its arguments, often does. (Inside of `fit`, `keras.ops.shape` tells it.)"
    )


def _tensor_as_setting(e: Raised) -> str:
    """A tensor given to a layer's class, which takes settings."""
    for node in e.calls():
        if not _takes_settings(node, e):
            continue
        tensors = [ast.unparse(each) for each in node.args if _is_tensor(each, e)]
        made = ast.unparse(node.func)
        if tensors and not re.search(r"\b(Input|Sequential)$", made):
            return (
                f"`{made}(...)` makes a layer, and its brackets take settings; here they take "
                f"the tensor `{tensors[0]}`. Make the layer first, then call it with the "
                "tensor, in brackets of their own."
            )
    return ""


def _is_tensor(node: ast.expr, e: Raised) -> bool:
    """Return True for a variable that holds a tensor, and for a layer that is made and called."""
    if isinstance(node, ast.Name):
        return e.variables.get(node.id, "").startswith("tensor")
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Call)


def _symbolic(e: Raised) -> str:
    """Numbers asked of a tensor that has none yet."""
    message = re.sub(r"<KerasTensor[^>]*>", "", e.message)  # which it shows for another reason
    symbolic = re.search(
        r"KerasTensor|[Ss]ymbolic|a `?tf\.Tensor`? as a Python `?bool|"
        r"Cannot convert .* to a? ?numpy",
        message,
    )
    if not symbolic or "must be KerasTensors" in message:
        return ""
    if "reaches past its own argument" in e.message:
        return (
            "When the model runs, only a Lambda's own argument holds numbers; a tensor of the "
            "wiring stays symbolic. Use the lambda's argument, or slice the tensor without a "
            "Lambda."
        )
    if e.where == "<lambda>" and e.type != "AttributeError":
        outside = [
            n for n in e.held("tensor") if not re.search(rf"lambda[^:]*\b{n}\b[^:]*:", e.source)
        ]
        if outside:
            return (
                f"The Lambda layer reaches past its own argument to `{outside[0]}`, which is "
                "symbolic and belongs to the model's wiring. Inside the lambda use only the "
                "lambda's argument, or slice the tensor without a Lambda."
            )
    if re.search(r"as a (?:Python )?`?bool", message):
        return (
            "A symbolic tensor has no numbers yet, so Python cannot decide an `if`, `and` or "
            "`while` by it. Use an operation of keras.ops that works on the whole tensor."
        )
    if e.helper and not e.helper.startswith("_"):
        return (
            f"`{e.helper}` computes with numbers, and here it gets a symbolic tensor: the model is "
            "still being put together. Use a layer that does the same."
        )
    if library := _library_call(e):
        return (
            f"`{library}` needs numbers, and here it gets a symbolic tensor: the model is still "
            "being put together (or compiled for `fit`). Use a layer, or the function of keras.ops "
            "that does the same."
        )
    if re.search(r"\b(for|in|list|float|int|len|sum|max)\b.*[:(]|\.numpy\(", e.source):
        return (
            "A symbolic tensor has a shape but no numbers yet. Python's loops and functions cannot "
            "read it: use layers, slices or keras.ops."
        )
    return ""


def _library_call(e: Raised) -> str:
    """Name what computes with numbers on the line: the innermost call that is given a tensor."""
    library = r"(?:np|numpy|tf|tensorflow|K|backend|keras\.utils)\.\w+(?:\.\w+)*"
    for call in reversed(e.calls()):  # the inner ones come last
        own = [*call.args, *(each.value for each in call.keywords)]
        read = {name.id for each in own for name in ast.walk(each) if isinstance(name, ast.Name)}
        made = ast.unparse(call.func)
        if re.fullmatch(library, made) and read & set(e.held("tensor")):
            return made
    found = re.search(rf"\b{library}", e.source)
    return found[0] if found else ""


def _no_tensor(e: Raised) -> str:
    """Something else where a layer or model reads tensors."""
    if not re.search(
        r"Only input tensors may be passed|values must be KerasTensors|cannot mix tensors and non-"
        r"tensors|Inputs to a layer should be tensors|object has no attribute 'dtype'|Attempt to "
        r"convert a value .* with an unsupported type",
        e.message,
    ) or (".dtype" in e.source and "attribute 'dtype'" in e.message):
        return ""
    whole = re.search(
        r"All `(\w+)` values must be[\s\S]* invalid value [\s\S]* of type <class '([\w.]+)'",
        e.message,
    )
    if whole:
        return (
            f"The {whole[1]} of a model are tensors, and one thing among them is none: it is of "
            f"type {whole[2]}. Which tensor belongs in its place?"
        )
    told = re.search(r"<class '(?:\w+\.)*(\w+)'|^'(\w+)' object has", e.message)
    mixed = re.search(r"invalid mixed argument: (\w+)=", e.message)
    kinds = [each for each in told.groups() if each] if told else NO_TENSORS
    if "NoneType" in kinds and e.held("None"):
        return ""  # a gap
    others = {
        name: kind
        for name in e.names()
        if (kind := e.variables[name].removeprefix("object ").split(" ")[0]) in kinds
    }
    for node in e.calls():
        if isinstance(node.func, ast.Lambda):
            continue
        given = [each.value for each in node.keywords if not mixed or each.arg == mixed[1]]
        given += [] if mixed else node.args
        given += [x for each in given if isinstance(each, ast.List) for x in each.elts]
        for name in [each.id for each in given if isinstance(each, ast.Name)]:
            if name in others and not _takes_settings(node, e):
                return (
                    f"`{ast.unparse(node.func)}` reads tensors here, and `{name}` is none: "
                    f"it is of type {others[name]}. Which tensor belongs in its place?"
                )
    alone = [n for n in others if re.search(rf"(?<![\w.]){n}\b(?!\s*[.(=])", e.source)]
    if len(alone) == 1 and others[alone[0]] not in NO_TENSORS:  # these are settings, too
        return f"A tensor belongs where `{alone[0]}` stands, which is of type {kinds[0]}."
    kind = f", but of type {kinds[0]}" if told else ""
    return (
        f"A layer, model or operation gets something that is no tensor{kind}. Look at each "
        "argument on this line: tensors come from `keras.Input` and from layers that were called; "
        "where a model is called with numbers, make arrays of all of them."
    )


def _takes_settings(node: ast.Call, e: Raised) -> bool:
    """Return True for a call that makes a layer or an input, unless it calls one made before."""
    made = ast.unparse(node.func)
    return made not in e.variables and bool(re.fullmatch(r"(?:\w+\.)*(?!Model\b)[A-Z]\w+", made))


def _layer_not_called(e: Raised) -> str:
    """A layer where its output belongs."""
    shown = (
        re.search(
            r"(?:inputs=|outputs=|Got:? ?|Received:? (?:\w+=)?|Found:? |value )\[?'?<"
            r"(?![Kk]eras[Tt]ensor)(?:keras\S*\.)?(\w+)[^>]*(?:name=\w+|object at)[^>]*>",
            e.message,
        )
        or re.match(
            r"'(Dense|LSTM|GRU|Dropout|Embedding|Activation|Input|Lambda|Bidirectional|"
            r"Flatten|Reshape|Concatenate|RepeatVector)' object (?:has no attribute "
            r"'(?:shape|dtype)|is not (?:iterable|subscriptable))",
            e.message,
        )
        or re.search(r"<(\w+) name=\w+, built=(?:True|False)>", e.message)
    )
    if not shown or re.search(r"to a shape|slice|a positive integer|^Graph disc", e.message):
        return ""
    return (
        f"The {shown[1]} layer itself stands where its output belongs. A layer is a function: "
        "call it with the tensor it reads, `layer(tensor)`, and use what comes back."
    )


def _missing_in_keras(e: Raised) -> str:
    """A name that Keras 3 or NumPy no longer has."""
    module = re.search(
        r"module '([\w.]+)' has no attribute '(\w+)'|cannot import name '(\w+)' from '([\w.]+)'",
        e.message,
    )
    if not module:
        return ""
    where, name = (module[1], module[2]) if module[1] else (module[4], module[3])
    if name in GONE and "keras" in where:
        return f"Keras 3 has no `{name}` any more. Use {GONE[name]}."
    if where == "keras.preprocessing":
        return f"Keras 3 no longer has `{where}.{name}`, and nothing here asks for it."
    if "keras" in where and name.endswith("_utils"):
        inside = re.search(rf"\b{name}\.(\w+)", e.source)
        such = f", such as `keras.utils.{inside[1]}`" if inside else ""
        return f"Keras 3 has no module `{name}`. What it held is in `keras.utils` itself{such}."
    if re.search(r"keras\.(.*\.)?(backend|utils)", where):
        new = e.similar[0] if e.similar and "." in e.similar[0] else ""
        look = f"Use `{new}`" if new else "Look in keras.ops, or for a layer that does it"
        return (
            f"Keras 3 has no `{name}` there: most of the old `backend` and `utils` is gone. {look}."
        )
    if where == "numpy" and hasattr(builtins, name):
        return f"NumPy no longer has `np.{name}`: use Python's own `{name}`, or a dtype as a text."
    if e.similar:
        typed = re.search(rf"([\w.]+)\.{name}\b", e.source)
        place = typed[1] if typed else where
        like = e.similar[0] if "." in e.similar[0] else f"{place}.{e.similar[0]}"
        return f"The module `{place}` has no `{name}`. Do you mean `{like}`?"
    if "keras" in where:
        what = "`keras.layers`" if name[:1].isupper() and "layers" not in where else "its spelling"
        return (
            f"The module `{where}` has no `{name}`. Look at {what}, and at whether a layer or "
            "tensor should stand before the dot instead of a module."
        )
    if where == "numpy":
        return (
            f"NumPy has no `np.{name}`. If the notebook defines or imports a `{name}`, write it "
            "without `np.`."
        )
    if where.startswith("tensorflow"):
        kind = re.match(r"to_(int\d+|float|double)$", name)
        size = {"float": "float32", "double": "float64"}.get(kind[1], kind[1]) if kind else ""
        new = f" `tf.cast(x, '{size}')` does what it did." if size else ""
        return f"TensorFlow has no `{name}` here; much of TensorFlow 1 is gone.{new}"
    return f"`{where}` has no `{name}`: look at the imports at the top of the notebook."


def _model_called(e: Raised) -> str:
    """Data that do not fit a model, the learner's or one that the learner's line calls."""
    counts = re.search(
        r"expects? (\d+) (?:named )?input.*?,? but it received (\d+) input", e.message
    )
    if counts and not e.where:
        return (
            f"Your model takes {counts[1]} inputs, and should take {counts[2]}. Look at what "
            "`keras.Model` gets first and, of several models, at the order in which you return "
            "them."
        )
    told = re.search(
        r"(?:of layer '(?:functional|model)_?\d*' is incompatible with the layer: expected shape=|"
        r"Expected shape )(\(.*?\)), (?:found shape=|but input has incompatible shape )(\(.*?\))",
        e.message,
    )
    if not told or not e.where:
        return ""
    wanted, found = (shape.count(",") + (",)" not in shape) for shape in told.groups())
    more = " That is an axis more: is it a one-hot row, or probabilities, for a number?"
    of_numbers = found == wanted + 1 and re.search(r"(?:1|None)\)$", told[1])
    place = re.search(r"Input (\d+) with name", e.message)
    which = f" as input {int(place[1]) + 1}" if place and int(place[1]) else ""
    return (
        f"The model that is called on this line reads tensors of shape {told[1]}{which} (None is "
        f"any size), and gets one of shape {told[2]}.{more if of_numbers else ''}"
    )


def _sliced(e: Raised) -> str:
    """An index beyond an axis of a tensor that was not sliced before."""
    told = re.search(r"slice index (-?\d+) of dimension (\d+) out of bounds", e.message)
    if not told or re.search(r"\]\s*\[", e.source):
        return ""
    if told[2] == "0" and e.exercise.probe != "call_with_keras":  # which has made no network
        return (
            "A slice takes one example out of the batch, which is axis 0, and the batch need not "
            "have so many. Time is axis 1."
        )
    return (
        f"A slice asks for index {told[1]} on axis {told[2]}, which is not that long in every "
        "case. Counting starts at 0, and an index that is written as a number is the same at "
        "every step."
    )


def _reshaped(e: Raised) -> str:
    """A shape without room for all numbers, or with too much."""
    told = re.search(
        r"[Tt]otal size of the tensor must be unchanged\. Received: input_shape=(\([^)]*\)), "
        r"target_shape=(\([^)]*\))",
        e.message,
    )
    if not told:
        return ""
    said = f"A Reshape keeps all numbers: {told[1]} and {told[2]} do not hold equally many."
    written = {*re.findall(r"\d+", told[2])} & {*re.findall(r"(?<![\w.])\d+", e.source)} - {"1"}
    if written:
        return (
            f"{said} Sizes that are written as numbers fit one case only: take them from the "
            "tensor's `.shape`."
        )
    return f"{said} Look at the shape that is asked for, and at the tensor that it reads."


def _data_apart(e: Raised) -> str:
    """Several inputs of a model, given as arguments of their own."""
    for node in e.calls():
        if isinstance(node.func, ast.Attribute):
            data = [
                each for each in node.args
                if isinstance(each, ast.Name)
                and e.variables.get(each.id, "").startswith(("array", "tensor"))
            ]  # fmt: skip
            if node.func.attr in TAKE_DATA and len(data) > 1:
                return (
                    f"`{node.func.attr}` takes the data as its first argument; what follows "
                    "are settings. Give a model that has several inputs one list of them."
                )
    return ""


def _keras_ranks(e: Raised) -> str:
    """A tensor with an axis too many or too few for a layer."""
    told = re.search(
        r"layer \"?'?(\w+)\"?'? .*?expected (?:min_|max_)?ndim=(\d), found ndim=(\d)\. Full shape "
        r"received: (\([^)]*\))",
        e.message.replace("\n", " "),
    )
    if not told:
        return ""
    layer, wanted, found, shape = told.groups()
    kind = re.sub(r"_\d+$", "", layer)
    axis = ""
    if found < wanted == "3":
        axis = (
            " (an axis too few: that of the time steps, or that of the features, which an "
            "Embedding makes of numbers)"
        )
    if re.match(r"\(\d", shape) and "None" not in shape:
        axis = (
            ", without the axis of the batch: an operation before it, such as an argmax or a sum "
            "without `axis`, has taken all examples together"
        )
    if found == "4" and wanted == "3" and kind in map(str.lower, RECURRENT):
        axis = (
            " (an axis too many: if an Embedding has made it, that has read one-hot rows, and it "
            "reads numbers)"
        )
    if axis and shape == "(None, None)":
        axis = " (numbers of words or characters: an Embedding makes vectors of them)"
    return (
        f"The layer `{kind}` reads tensors of {wanted} axes, batch included, and gets {shape}"
        f"{axis}. Look at the layer whose output this is."
    )


KERAS_RULES: tuple[Callable[[Raised], str], ...] = (
    _renamed_argument,
    _open_size,
    _symbolic,
    _tensor_as_setting,
    _layer_not_called,
    _no_tensor,
    _missing_in_keras,
    _model_called,
    _data_apart,
    _sliced,
    _reshaped,
    lambda e: e.meaning(MESSAGES),
    _keras_ranks,
)
