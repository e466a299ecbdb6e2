"""What has changed since older Keras, and what messages of Keras and TensorFlow mean."""

from __future__ import annotations

IN_THE_CALL = (  # what a layer is told when it is called, not when it is made
    "attention_mask", "initial_state", "mask", "return_attention_scores", "training",
    "use_causal_mask",
)  # fmt: skip
RENAMED = {  # arguments
    "border_mode": "padding",
    "init": "kernel_initializer",
    "input": "inputs",
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "nb_filter": "filters",
    "output": "outputs",
    "poolsize": "pool_size",
    "subsample": "strides",
}
GONE = {  # from Keras: what stands for it now
    **dict.fromkeys(("merge", "Merge"), "the layer that joins so: `Concatenate`, or `Add`"),
    "CuDNNLSTM": "`LSTM`",
    "CuDNNGRU": "`GRU`",
    "TimeDistributedDense": "`Dense`, which does so by itself",
    "batch_dot": "`keras.ops.matmul` or `keras.ops.einsum`",
    "dot": "`keras.ops.matmul`",
    "gather": "`keras.ops.take`",
    "int_shape": "the tensor's own `.shape`",
    "permute_dimensions": "`keras.ops.transpose`",
    "pow": "`keras.ops.power`",
    "repeat_elements": "`keras.ops.repeat`",
    "switch": "`keras.ops.where`",
    "tf": "keras.ops, which has an operation for most of what TensorFlow has",
}

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
        r"Inputs have incompatible shapes\. Received shapes (\(.*?\)) and (\(.*?\))",
        "Two tensors of shapes {0} and {1}, batch left out, are combined element by element. Sizes "
        "that differ can only be joined.",
    ),
    (
        r"is not connected to `?inputs|^Graph disconnected",
        "An output is computed from something that does not begin at the inputs listed here. "
        "Either a `keras.Input` is missing in the list, or a layer reads another tensor where it "
        "should read one of them. The inputs come first, then the outputs.",
    ),
    (
        r"Cannot convert '(.*)' to a shape\. Found invalid (?:dimension|entry) '(\(.*?\))' of type",
        "A shape holds a tuple, {1}, as one of its sizes. Either what you put in brackets is a "
        "shape already, or a layer reads several tensors at once, as an LSTM with its states "
        "returns them.",
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
        "they are joined, and on no other. (With `return_sequences=True`, a recurrent layer hands "
        "on an axis of steps, too.)",
    ),
    (
        r"Could not interpret activation function identifier: (\w+)",
        "Keras knows no activation function called `{0}`: is it spelled otherwise?",
    ),
    (
        r"(?s)Data cardinality is ambiguous.*'x' sizes: (\d[\d, ]*\d)",
        "The arrays that the model gets here have different numbers of rows: {0}. A row is one "
        "example, so each input needs a row for each.",
    ),
    (
        r"Only instances of `?keras.Layer`? can be added to a Sequential.*KerasTensor",
        "A Sequential model is made of layers and calls them itself. Add the layer, without "
        "calling it.",
    ),
    (
        r"Only instances of `?keras.Layer`? can be added to a Sequential",
        "A Sequential model is made of layers. What is added here is none.",
    ),
    (
        r"Kernel shape must have the same length as input, but received kernel of shape "
        r"(\([^)]*\)) and input of shape (\([^)]*\))",
        "The convolution has a kernel of shape {0} and reads tensors {1}, which have too few or "
        "too many axes for it. Conv1D reads sequences, (m, T, C), and Conv2D images, "
        "(m, H, W, C); in a TimeDistributed each reads one step, with an axis less.",
    ),
    (
        r"[Ii]nvalid value (?:received )?for (?:argument )?`(\w+)`",
        "A layer is made with a setting that it cannot have: `{0}`. The message says what it may "
        "be, and what it gets here.",
    ),
    (
        r"[Ii]ncompatible shapes: (\[.*?\]) vs\.? (\[.*?\])",
        "Two tensors, of shapes {0} and {1}, are combined element by element, on this line or in "
        "a function that it calls. Are they the two that belong together?",
    ),
    (
        r"Cannot broadcast shape.*Input shapes are: (\[.*?\]) and (\[.*?\])",
        "Two tensors, of shapes {0} and {1} (None is any size), are combined element by element, "
        "and do not fit. Are they the two that belong together, and is a size of one of them "
        "written as a fixed number?",
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
        "`keras.Input` is given (a tuple), at the order of several inputs, and at whether another "
        "tensor is named as an input.",
    ),
    (
        r"it should return (?:a Keras model, got|Keras models, and one is) "
        r"(?:an object of type (?!NoneType)\w+|\d+ things)",
        "`keras.Model(inputs, outputs)` makes a model of the wiring: return that.",
    ),
    (
        r"`name` must be a string and cannot contain character `/`",
        "The name of a layer may not hold a `/`. Leave it out, or write another one.",
    ),
    (
        r"`target` and `output` must have the same shape up until the last dimension: "
        r"target\.shape=(\([^)]*\)), output\.shape=(\([^)]*\))",
        "The true values have the shape {0} and the predictions {1}. They must agree but for the "
        "last axis: is one of them cut, or has it lost an axis?",
    ),
    (
        r"expects? (\d+) (?:named )?input.*?,? but it received (\d+) input",
        "The layer or model that is called reads {0} tensor(s) and gets {1}. Several that it is to "
        "read go into one list; of several that another has given, take the one that is meant.",
    ),
    (
        r"`(\w+)` (?:should|must) be a positive integer",
        "A layer's setting `{0}` is a whole number above 0. Look at what is passed for it here, "
        "and at the order of the arguments.",
    ),
    (
        r"Cannot convert '[\s\S]*' to a shape\.",
        "A shape is a tuple of whole numbers above 0, or None where a size is open, without the "
        "batch. What stands for it here is none.",
    ),
    (
        r"`(inputs|outputs)` argument cannot be empty",
        "The list of {0} is empty when the model is made: nothing was put into it, or the loop "
        "that fills it does not run in this case.",
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
        "A layer makes weights here, of shape {0}, and needs every size for that. The tensor that "
        "it reads leaves one open: is it the one that belongs here?",
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
        "Row {0} is looked up in a table of {1} rows. Either an Embedding reads numbers that are "
        "another's, or its sizes are exchanged: the first is how many numbers it knows, the second "
        "how long each vector is.",
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
        r"`mask` must be broadcastable.*inputs\.shape=(\(.*?\)), mask\.shape=(\(.*?\))",
        "A mask of shape {1} meets scores of shape {0}, and does not fit. Is one of its lengths "
        "written as a fixed number, or an axis missing?",
    ),
    (
        r"Cannot convert (-?[\d.]+) to EagerTensor of dtype (\w+)",
        "A tensor of whole numbers ({1}) meets {0} on this line. Use a whole number, or cast the "
        "tensor: `keras.ops.cast`.",
    ),
    (
        r"no gradient comes back",
        "What is returned does not depend on the prediction in a way that can be trained: it is a "
        "constant, or goes through argmax, rounding, or NumPy.",
    ),
    (
        r"output size would be zero or negative",
        "The window of a convolution or pooling is larger than what it reads. Look at its size, "
        "at what the layers before it leave, and at whether the task has such a layer.",
    ),
    (
        r"(\w+)\.__init__\(\) takes .*positional arguments? but \d+ were given",
        "`{0}` takes fewer things by position than stand in its brackets. The sizes of a shape go "
        "together, as one tuple; other settings have a name.",
    ),
    (
        r"(\w+)\.__init__\(\) missing \d+ required positional arguments?: (.*)",
        "`{0}` cannot be made without {1}.",
    ),
    (
        r"^(\w+)\(\) missing \d+ required positional arguments?: (.*)",
        "`{0}` cannot be called without {1}.",
    ),
    (
        r"^view\(\) takes|view\(\) got",
        "`.view(sizes)` is PyTorch's. An array is brought into another shape by `.reshape(sizes)`.",
    ),
    (
        r"KerasTensor\.reshape\(\) takes",
        "A symbolic tensor's `.reshape` takes one tuple. In a network, the layer `Reshape` does "
        "it, and names all axes but that of the batch.",
    ),
    (
        r"too many positional arguments|\.call\(\) takes from \d+ to \d+ positional arguments",
        "A layer is called with one argument. Several tensors go into one list; anything else "
        "has a name, such as `initial_state=`.",
    ),
    (
        r"missing a required (?:positional )?argument: '(\w+)'",
        "The layer is called without its argument `{0}`.",
    ),
    (
        r"Iterating over a symbolic",
        "One tensor comes back where the left side, or a loop, wants several. Is it the layer that "
        "is meant (the number of a layer in `.layers` may be another one's), and what does it "
        "return with its settings?",
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
