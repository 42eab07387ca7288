/**
 * The part of the ONNX model format that is read and written here; what is left out is skipped when a file is read.
 * Names, types and numbers are those of onnx/onnx.proto in https://github.com/onnx/onnx, but for enumerations, which
 * are int32 here, and for the packed numbers of a tensor (`*_data`): on the wire they have the form of `bytes`, and as
 * such they are read as views of the file, so that weights are not copied into arrays of numbers.
 */
export const ONNX_SCHEMA = `
syntax = "proto2";
message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
}
message OperatorSetIdProto {
  optional string domain = 1;
  optional int64 version = 2;
}
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated ValueInfoProto value_info = 13;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional string s = 4;
  optional TensorProto t = 5;
  optional GraphProto g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  optional int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  repeated bytes float_data = 4;
  repeated bytes int32_data = 5;
  repeated bytes string_data = 6;
  repeated bytes int64_data = 7;
  optional string name = 8;
  optional bytes raw_data = 9;
  repeated bytes double_data = 10;
  repeated bytes uint64_data = 11;
  repeated StringStringEntryProto external_data = 13;
  optional int32 data_location = 14;
}
message StringStringEntryProto {
  optional string key = 1;
  optional string value = 2;
}
message ValueInfoProto {
  optional string name = 1;
  optional TypeProto type = 2;
}
message TypeProto {
  optional Tensor tensor_type = 1;
  message Tensor {
    optional int32 elem_type = 1;
    optional TensorShapeProto shape = 2;
  }
}
message TensorShapeProto {
  repeated Dimension dim = 1;
  message Dimension {
    optional int64 dim_value = 1;
    optional string dim_param = 2;
  }
}
`;

/** AttributeProto.type. */
export const ATTRIBUTE_TYPES = { float: 1, integer: 2, text: 3, tensor: 4, graph: 5, floats: 6, integers: 7 } as const;

/** TensorProto.data_type, of which this is the part that is written. */
export const ELEMENT_CODES = { float32: 1, int64: 7 } as const;

/** TensorProto.data_location of a tensor whose elements lie in another file. */
export const EXTERNAL_DATA = 1;
