"""Say what the errors of Keras and TensorFlow mean; "" where that is not sure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from contextlib import suppress

from .raised import Raised

NO_TENSORS = ("int", "float", "str", "bool", "list", "tuple", "dict", "None")


def _renamed_argument(e: Raised) -> str:
    """An argument that Keras 3 calls otherwise, or no longer has."""
    wanted = re.search(r"missing a required (?:positional )?argument: '(\w+)'", e.message)
    refused = re.search(
        r"unexpected keyword argument '(\w+)'|nrecognized keyword arguments? passed to \w+: "
        r"\{'(\w+)'|Argument\(s\) not recognized: \{'(\w+)'",
        e.message,
    )
    keywords = re.findall(r"\b(\w+)\s*=(?!=)", e.source.partition("=")[2])
    given = next((word for word in (refused.groups() if refused else ()) if word), "")
    known = {"lr": "learning_rate", "input": "inputs", "output": "outputs", "nb_epoch": "epochs"}
    if wanted and wanted[1] not in keywords:
        old = next((word for word in keywords if word in ("inputs", "input", "x", "tensor")), "")
        if old:
            return (
                f"In Keras 3 this argument is called `{wanted[1]}`, not `{old}`. Pass the tensor "
                "by position, without a name."
            )
    if given and e.where and re.search(rf"\b{given}\s*=", e.source or f"{given}="):
        new = f" It is called `{known[given]}` now." if given in known else ""
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
    open_shapes = any(v.startswith("tensor") and "None" in v for v in e.variables.values())
    if not re.search(r"\.shape\b", e.source) and not (open_shapes and e.held("None")):
        return ""
    return (
        "A size in `.shape` is None here: while a network is put together, or compiled for `fit`, "
        "nobody knows how large the batch will be. Compute without that size, or ask "
        "`keras.ops.shape`."
    )


def _tensor_as_setting(e: Raised) -> str:
    """A tensor given to a layer's class, which takes settings."""
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(e.source)):
            if not isinstance(node, ast.Call) or not _takes_settings(node, e):
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
    symbolic = re.search(
        r"KerasTensor|[Ss]ymbolic|a `?tf\.Tensor`? as a Python `?bool|"
        r"Cannot convert .* to a? ?numpy",
        e.message,
    )
    if not symbolic:
        return ""
    if "reaches past its own argument" in e.message:
        return (
            "When the model runs, only a Lambda's own argument holds numbers; a tensor of the "
            "wiring stays symbolic. Use the lambda's argument, or slice the tensor without a "
            "Lambda."
        )
    if e.where == "<lambda>":
        outside = [
            n for n in e.held("tensor") if not re.search(rf"lambda[^:]*\b{n}\b[^:]*:", e.source)
        ]
        if outside:
            return (
                f"The Lambda layer reaches past its own argument to `{outside[0]}`, which is "
                "symbolic and belongs to the model's wiring. Inside the lambda use only the "
                "lambda's argument, or slice the tensor without a Lambda."
            )
    if "True" in e.message or "bool" in e.message:
        return (
            "A symbolic tensor has no numbers yet, so Python cannot decide an `if`, `and` or "
            "`while` by it. Use an operation of keras.ops that works on the whole tensor."
        )
    if e.helper and not e.helper.startswith("_"):
        return (
            f"`{e.helper}` computes with numbers, and here it gets a symbolic tensor: the model is "
            "still being put together. Use a layer that does the same."
        )
    library = re.search(
        r"\b(np|numpy|tf|tensorflow|K|backend|keras\.utils)\.\w+(?:\.\w+)*", e.source
    )
    if library:
        return (
            f"`{library[0]}` needs numbers, and here it gets a symbolic tensor: the model is still "
            "being put together (or compiled for `fit`). Use a layer, or the function of keras.ops "
            "that does the same."
        )
    if re.search(r"\b(for|in|list|float|int|len|sum|max)\b.*[:(]|\.numpy\(", e.source):
        return (
            "A symbolic tensor has a shape but no numbers yet. Python's loops and functions cannot "
            "read it: use layers, slices or keras.ops."
        )
    return ""


def _no_tensor(e: Raised) -> str:
    """Something else where a layer or model reads tensors."""
    if not re.search(
        r"Only input tensors may be passed|values must be KerasTensors|cannot mix tensors and non-"
        r"tensors|Inputs to a layer should be tensors|object has no attribute 'dtype'|Attempt to "
        r"convert a value .* with an unsupported type",
        e.message,
    ):
        return ""
    whole = re.search(
        r"All `(\w+)` values must be.* invalid value (.{1,40}) of type <class '(\w+)'", e.message
    )
    if whole:
        return (
            f"The {whole[1]} of a model are tensors, and one thing among them is none: it is of "
            f"type {whole[3]}. Which tensor belongs in its place?"
        )
    others = {
        name: said.split(" ")[0]
        for name, said in e.variables.items()
        if name in e.names() and said.split(" ")[0] in NO_TENSORS
    }
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(e.source)):
            if isinstance(node, ast.Call):
                given = [*node.args, *(each.value for each in node.keywords)]
                given += [x for each in given if isinstance(each, ast.List) for x in each.elts]
                for name in [each.id for each in given if isinstance(each, ast.Name)]:
                    if name in others and not _takes_settings(node, e):
                        return (
                            f"`{ast.unparse(node.func)}` reads tensors here, and `{name}` is none: "
                            f"it is of type {others[name]}. Which tensor belongs in its place?"
                        )
    return (
        "A layer or model gets something that is no tensor. Look at each argument on this line: "
        "tensors come from `keras.Input` and from layers that were called; where a model is called "
        "with numbers, make arrays of all of them."
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
    if not shown:
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
    if re.search(r"keras\.(.*\.)?(backend|utils)", where):
        return (
            f"Keras 3 has no `{name}` there: most of the old `backend` and `utils` is gone. Look "
            f"for `keras.ops.{name}`, or for a layer that does it."
        )
    if "keras" in where:
        what = "`keras.layers`" if name[:1].isupper() and "layers" not in where else "its spelling"
        return (
            f"The module `{where}` has no `{name}`. Look at {what}, and at whether a layer or "
            "tensor should stand before the dot instead of a module."
        )
    if where == "numpy" and hasattr(builtins, name):
        return f"NumPy no longer has `np.{name}`: use Python's own `{name}`, or a dtype as a text."
    if where == "numpy":
        return (
            f"NumPy has no `np.{name}`. If the notebook defines or imports a `{name}`, write it "
            "without `np.`."
        )
    return f"`{where}` has no `{name}`: look at the imports at the top of the notebook."


MESSAGES = (  # "{0}" stands for the first group
    (
        r"stateful=True",
        "`stateful=True` carries states from batch to batch, which needs a fixed batch size. "
        "Nothing here asks for it: leave it out.",
    ),
    (
        r"weight list of length \d+, but the layer was expecting 0 weights",
        "The layer has no weights yet: they are made when it is built, or first called. Build it "
        "before you set them.",
    ),
    (
        r"weight list of length (\d+), but the layer was expecting (\d+) weights",
        "`set_weights` takes a list with one array for each of the layer's {1} weights, and gets "
        "{0} things. A single array goes into a list, too.",
    ),
    (
        r"weight shape (\(.*?\)) is not compatible with provided weight shape (\(.*?\))",
        "The layer was made for weights of shape {0}, and gets an array of shape {1}. Compare the "
        "sizes that the layer is made with, and their order, with those of the array.",
    ),
    (
        r"slice index \d+ of dimension 0 out of bounds",
        "A slice takes one example out of the batch, which is axis 0, and the batch need not have "
        "so many. Time is axis 1.",
    ),
    (
        r"Inputs have incompatible shapes\. Received shapes (\(.*?\)) and (\(.*?\))",
        "Two tensors of shapes {0} and {1}, batch left out, are combined element by element. Sizes "
        "that differ can only be joined.",
    ),
    (
        r"is not connected to `?inputs",
        "An output depends on a tensor that is not among the model's inputs. List every "
        "`keras.Input`, and use its name for nothing else.",
    ),
    (
        r"Cannot convert '(.*)' to a shape\. Found invalid (?:dimension|entry) '(\(.*?\))' of type",
        "The shape holds a tuple, {1}, as one of its sizes: what you put in brackets is a shape "
        "already.",
    ),
    (
        r"The name \"(\w+)\" is used (\d+) times in the model",
        "Two layers are called `{0}`. Names must differ: make the layer once, before the loop, or "
        "give it no name.",
    ),
    (
        r"[Ee]xpected axis (-?\d+) of input shape to have value (\d+), but received input with "
        r"shape (\([^)]*\))",
        "This layer has weights for {1} numbers on axis {0}, and gets a tensor of shape {2}. Is it "
        "the layer that belongs here, and the right tensor?",
    ),
    (
        r"requires inputs with matching shapes except for the concatenation axis\. Received:? "
        r"(?:input_shape=)?(\[.*?\])",
        "The tensors to be joined have the shapes {0}: they may differ on the axis along which "
        "they are joined, and on no other.",
    ),
    (
        r"Could not interpret activation function identifier: (\w+)",
        "Keras knows no activation function called `{0}`: is it spelled otherwise?",
    ),
    (
        r"Only instances of `?keras.Layer`? can be added to a Sequential",
        "A Sequential model is made of layers and calls them itself. Add the layer, without "
        "calling it.",
    ),
    (
        r"[Tt]otal size of the tensor must be unchanged\. Received: input_shape=(\([^)]*\)), "
        r"target_shape=(\([^)]*\))",
        "A Reshape keeps all numbers: {0} and {1} do not hold equally many.",
    ),
    (
        r"[Ii]nvalid value (?:received )?for (?:argument )?`(\w+)`",
        "A layer is made with a setting that it cannot have: `{0}`. The message says what it may "
        "be, and what it gets here.",
    ),
    (
        r"[Ii]ncompatible shapes: \[.*?\] vs\.? \[.*?\]|Cannot broadcast shape.*Input shapes are: "
        r"\[.*?\] and \[.*?\]",
        "Two tensors are combined element by element, and their shapes do not fit. Look for `+`, "
        "`*`, `+=`, or a state of another size, between tensors of different axes.",
    ),
    (
        r"Layers added to a Sequential model should have a single positional argument",
        "A Sequential model calls its layers one after the other with one tensor. `keras.Input` "
        "stands first or nowhere, and a layer that reads several tensors cannot be in it.",
    ),
    (
        r"(?:of layer 'functional_\d+' is incompatible with the layer: expected shape=|"
        r"Expected shape )(\(.*?\)), (?:found shape=|but input has incompatible shape )(\(.*?\))",
        "The model's input has the shape {0}, and data of shape {1} come. Look at the shape that "
        "`keras.Input` is given (a tuple), and at whether another tensor is named as the input.",
    ),
    (
        r"it should return a Keras model, got an object of type (?!NoneType)(\w+)",
        "`keras.Model(inputs, outputs)` makes a model of the wiring: return that, and not {0}.",
    ),
    (
        r"expects? (\d+) (?:named )?input.*?,? but it received (\d+) input",
        "The layer or model that is called reads {0} tensor(s) and gets {1}. Look at the list on "
        "this line.",
    ),
    (
        r"`(\w+)` (?:should|must) be a positive integer",
        "A layer's setting `{0}` is a whole number above 0. Look at what is passed for it here, "
        "and at the order of the arguments.",
    ),
    (
        r"Cannot convert '[\s\S]*' to a shape\.",
        "A shape is a tuple of whole numbers, without the batch. What stands for it here is none.",
    ),
    (
        r"`(inputs|outputs)` argument cannot be empty",
        "The list of {0} is empty when the model is made: nothing was put into it.",
    ),
    (
        r"Array has shape (\(.*?\)) but slice has to many indices",
        "A slice has more indices than the tensor has axes: its shape is {0}, batch included.",
    ),
    (
        r"Unsupported key type for array slice",
        "A tensor is sliced by whole numbers and `:`. Something of another type stands between the "
        "brackets.",
    ),
    (
        r"must be fully-defined \(no `None` dimensions\)\. Received: shape=(\(.*?\))",
        "A layer makes weights here, of shape {0}, and needs every size for that. The layer before "
        "it leaves one open.",
    ),
    (
        r"Please initialize `(\w+)` layer with a",
        "`{0}` wraps a layer: it takes that layer itself, made but not called.",
    ),
    (
        r"must be a floating point tensor",
        "This layer computes with fractions, and gets whole numbers. Word numbers go to an "
        "Embedding first: is this the tensor that belongs here?",
    ),
    (
        r"indices\[.*?\] = (-?\d+) is not in \[0, (\d+)\)",
        "Row {0} is looked up in a table of {1} rows. The first size of an Embedding is how many "
        "numbers it knows, the second how long each vector is.",
    ),
    (
        r"must have the same dtype, got tf\.(\w+) != tf\.(\w+)",
        "A tensor of {0} and one of {1} are combined. Make both of one kind with `keras.ops.cast`.",
    ),
    (
        r"must have the same rank \(ndim\)\. Received: target|must have rank \(ndim\) `target",
        "A loss takes the true values first, then the predictions. A categorical one takes one-hot "
        "rows, a sparse one whole numbers, with an axis less than the predictions.",
    ),
    (
        r"no gradient comes back",
        "What is returned does not depend on the prediction in a way that can be trained: it is a "
        "constant, or goes through argmax, rounding, or NumPy.",
    ),
    (
        r"output size would be zero or negative",
        "The window is larger than what is left of the image. Look at its size, and at what the "
        "layers before it leave.",
    ),
    (
        r"(\w+)\.__init__\(\) missing \d+ required positional arguments?: (.*)",
        "`{0}` cannot be made without {1}.",
    ),
    (
        r"too many positional arguments|takes from \d+ to \d+ positional arguments",
        "A layer is called with one argument. Several tensors go into one list; anything else "
        "has a name, such as `initial_state=`.",
    ),
    (
        r"missing a required (?:positional )?argument: '(\w+)'",
        "The layer is called without its argument `{0}`.",
    ),
    (
        r"Iterating over a symbolic",
        "One tensor comes back where the left side, or a loop, wants several. Look at what the "
        "layer returns with these settings.",
    ),
    (
        r"calling .{0,9}(LSTM)\.call\(\)\..{0,9}list index out of range",
        "An {0} starts from two states, hidden and cell: `initial_state` takes a list of both.",
    ),
    (
        r"Too (?:few|many) leaves for PyTreeSpec",
        "`initial_state` holds another number of states than the layer has: an LSTM has two, "
        "hidden and cell.",
    ),
    (
        r"batch_dot on inputs with shapes (\(.*?\)) and (\(.*?\)) with axes=(\[.*?\])",
        "The tensors to be multiplied have the shapes {0} and {1}, and their axes {2} are not "
        "equally long. The batch is axis 0.",
    ),
    (
        r"No such layer: (\w+)\. Existing layers are: (\[.*?\])",
        "The model has no layer called `{0}`; it has {1}.",
    ),
    (
        r"Array has shape (\(.*?\)) but out-of-bounds index",
        "A slice asks for an element beyond the end of an axis: the tensor has shape {0}, and "
        "counting starts at 0.",
    ),
    (
        r"'KerasTensor' object is not callable",
        "A tensor is called like a layer. Call the layer itself, and call it once.",
    ),
    (
        r"should return a Keras \w+, got an object of type NoneType",
        "Nothing comes back: the `return` is missing, or what it returns is None (as is the value "
        "of `compile` and `add`).",
    ),
    (
        r"should be called on a list of at least (\d+) input",
        "This layer reads several tensors: give them as one list.",
    ),
    (
        r"automatically infer the shape of the Lambda|output_shape.*Lambda",
        "Keras cannot tell what shape this Lambda layer gives. Use a layer or an operation of "
        "keras.ops, which know it.",
    ),
)


def _known_message(e: Raised) -> str:
    for pattern, said in MESSAGES:
        if found := re.search(pattern, e.message):
            return said.format(*found.groups())
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
    axis = " (it has lost or never had its axis of time steps)" if found < wanted == "3" else ""
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
    _known_message,
    _keras_ranks,
)
